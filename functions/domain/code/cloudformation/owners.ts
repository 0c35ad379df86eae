/** The resource that makes a role, user or policy. */
import { fail, ok, type Result } from '../../base/result.ts'
import type { Target } from '../../patch/patch.ts'
import { childOf, textOf } from '../../source/source-node.ts'
import type { EntityHints } from '../code-change.ts'
import { type Literal, mayBeText, memberOf } from '../document/literal.ts'
import { generatedName, pathIn, underAnotherPath } from '../entity-path.ts'
import { resolved } from './intrinsic-text.ts'
import type { Deploy, ResourceText, TemplateText } from './template-text.ts'

export type Owner = { readonly template: TemplateText; readonly resource: ResourceText }

const ROLE = 'AWS::IAM::Role'
const FUNCTION = 'AWS::Serverless::Function'

/** SAM makes a role for each of these. */
export const makesItsRole = (type: string): boolean => type === FUNCTION || type === 'AWS::Serverless::StateMachine'

const KINDS: { readonly [kind in Target['kind']]: { readonly type: string; readonly name: string } | null } = {
  'role-inline-policy': { type: ROLE, name: 'RoleName' },
  'role-trust-policy': { type: ROLE, name: 'RoleName' },
  'user-inline-policy': { type: 'AWS::IAM::User', name: 'UserName' },
  'managed-policy': { type: 'AWS::IAM::ManagedPolicy', name: 'ManagedPolicyName' },
  'permission-set-inline-policy': null,
}

/** Null: no template makes it. */
export function ownerOf(
  templates: readonly TemplateText[],
  target: Target,
  hints: EntityHints,
  deploy: Deploy,
): Result<Owner, string> | null {
  const kind = KINDS[target.kind]
  if (kind === null) return null
  const anywhere = templates.flatMap(template =>
    [...template.resources.values()]
      .filter(({ type }) => type === kind.type || (kind.type === ROLE && makesItsRole(type)))
      .map(resource => ({
        ...{ template, resource, name: nameIn(template, resource, kind, deploy) },
        path: otherPath(template, resource, target, deploy),
      })),
  )
  const all = anywhere.filter(({ path }) => path === null)
  const named = all.filter(({ name }) => name?.kind === 'scalar' && name.value === target.name)
  const unnamed = all.filter(({ name }) => name === null)
  const byId = unnamed
    .filter(({ resource, template }) => !makesItsRole(resource.type) || !hasOwnRole(resource, template))
    .filter(({ resource }) => logicalIdOf(resource) === (hints.logicalId ?? logicalIdIn(target.name, hints.stackName)))
  const found = hinted(named.length > 0 ? named : byId, hints)
  const loop = templates.find(template => mayLoopMake(template, target, kind, hints))
  if (loop !== undefined)
    return fail(
      `${loop.file} makes roles in a loop (Fn::ForEach), and ${target.name} may be one of them: add the snippet for that one`,
    )
  const [only, ...more] = found
  if (only !== undefined && more.length > 0)
    return fail(
      `${found.map(({ resource, template }) => `${resource.logicalId} (${template.file})`).join(' and ')} could both be ${target.name}: say which template is meant`,
    )
  const unsure = all.filter(({ name }) => mayBeText(name, target.name))
  const [maybe] = unsure
  if (maybe !== undefined && named.length === 0 && byId.length === 0)
    return fail(
      `${maybe.resource.logicalId} (${maybe.template.file}) may be ${target.name}, but its name depends on values that only a stack has: add the snippet where it is meant for every stack, or to the one that it is for`,
    )
  if (only === undefined) {
    const other = anywhere.find(
      ({ path, name }) => path !== null && name?.kind === 'scalar' && name.value === target.name,
    )
    if (other === undefined) return null
    return fail(underAnotherPath(`${other.resource.logicalId} (${other.template.file})`, other.path ?? '', target))
  }
  const other = unsure.find(({ resource }) => resource !== only.resource)
  if (other !== undefined && hints.logicalId === null)
    return fail(
      `${other.resource.logicalId} (${other.template.file}) may have the name ${target.name} too: its name depends on values that only a stack has`,
    )
  return ok(only)
}

function hinted<One extends Owner>(owners: readonly One[], { file }: EntityHints): readonly One[] {
  const inFile = owners.filter(({ template }) => template.file === file)
  return inFile.length > 0 ? inFile : owners
}

/** Null where CloudFormation makes the name. */
function nameIn(
  template: TemplateText,
  { type, properties }: ResourceText,
  kind: { name: string },
  deploy: Deploy,
): Literal | null {
  const value = makesItsRole(type) ? null : memberOf(properties, kind.name)
  return value === null ? null : resolved(value, deploy, template.text)
}

/** Whether an element of a loop, which has no place of its own in the text, may be the target. */
function mayLoopMake(
  { scope, resources }: TemplateText,
  target: Target,
  kind: { readonly type: string; readonly name: string },
  hints: EntityHints,
): boolean {
  return [...scope.template.resources.values()].some(({ logicalId, type, properties }) => {
    if (resources.has(logicalId) || type !== kind.type) return false
    const name = childOf(properties, kind.name)
    if (name === undefined) return logicalId === (hints.logicalId ?? logicalIdIn(target.name, hints.stackName))
    const text = textOf(name) ?? textOf(childOf(name, 'Fn::Sub'))
    return text === null || text.includes('${') || text === target.name
  })
}

/** The path that it has in the template, where that is certainly not the one in IAM. */
function otherPath(
  template: TemplateText,
  { type, properties }: ResourceText,
  target: Target,
  deploy: Deploy,
): string | null {
  if (makesItsRole(type)) return null
  const value = memberOf(properties, 'Path')
  const path = value === null ? null : resolved(value, deploy, template.text)
  if (path !== null && path.kind !== 'scalar') return null
  const known = path === null ? '/' : String(path.value)
  return known === pathIn(target) ? null : known
}

/** SAM makes no role for a function that names one. `Globals` may name one for all. */
const hasOwnRole = ({ type, properties }: ResourceText, { scope }: TemplateText): boolean =>
  memberOf(properties, 'Role') !== null ||
  (type === FUNCTION && childOf(childOf(scope.template.globals, 'Function'), 'Role') !== undefined)

/** SAM adds `Role` to the logical id of its function. https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-generated-resources-function.html */
const logicalIdOf = ({ type, logicalId }: ResourceText): string => (makesItsRole(type) ? `${logicalId}Role` : logicalId)

function logicalIdIn(name: string, stackName: string | null): string | null {
  const parts = generatedName(name)
  return stackName === null || parts?.stack === stackName ? (parts?.logicalId ?? null) : null
}
