/** Finds the resource that makes a role, user or policy. */
import { fail, ok, type Result } from '../../../core/base/index.ts'
import type { Target } from '../../../core/patch/index.ts'
import {
  childOf,
  holeText,
  type IntrinsicsScope,
  iamPathsOf,
  isPresent,
  knownText,
  type RoleText,
  readable,
  type SetTexts,
  setTexts,
  type TemplateResource,
} from '../../source/index.ts'
import type { EntityHints } from '../code-change.ts'
import { mayBecome } from '../document/literal.ts'
import { generatedName, pathIn, underAnotherPath } from '../entity-path.ts'
import { deploysOf } from './deploys.ts'
import type { TemplateText } from './template-text.ts'

export type Owner = { readonly template: TemplateText; readonly resource: TemplateResource }

const ROLE = 'AWS::IAM::Role'
const FUNCTION = 'AWS::Serverless::Function'

/** Types for which SAM makes a role. */
export const makesItsRole = (type: string): boolean => type === FUNCTION || type === 'AWS::Serverless::StateMachine'

type Kind = { readonly type: string; readonly name: string }

const KINDS: { readonly [kind in Target['kind']]: Kind | null } = {
  'role-inline-policy': { type: ROLE, name: 'RoleName' },
  'role-trust-policy': { type: ROLE, name: 'RoleName' },
  'user-inline-policy': { type: 'AWS::IAM::User', name: 'UserName' },
  'managed-policy': { type: 'AWS::IAM::ManagedPolicy', name: 'ManagedPolicyName' },
  'permission-set-inline-policy': null,
}

/** A resource that may make the target. */
type Candidate = Owner & {
  readonly names: SetTexts
  /** The path in the template if it differs from the one in IAM. */
  readonly path: string | null
}

/** Null: no template makes it. */
export function owningResource(
  templates: readonly TemplateText[],
  target: Target,
  hints: EntityHints,
): Result<Owner, string> | null {
  const kind = KINDS[target.kind]
  if (kind === null) return null
  const anywhere = templates.flatMap(template => candidatesIn(template, kind, target))
  const all = anywhere.filter(({ path }) => path === null)
  const named = all.filter(({ names }) => isNamed(names, target.name))
  const byId = all
    .filter(({ names }) => names.mayBeMissing)
    .filter(({ resource, template }) => !makesItsRole(resource.type) || !hasOwnRole(resource, template))
    .filter(({ resource }) => logicalIdOf(resource) === targetLogicalId(target, hints))
  const found = hinted(named.length > 0 ? named : byId, hints)
  const loop = templates.find(template => mayLoopMake(template, target, kind, hints))
  if (loop !== undefined)
    return fail(
      `${loop.file} makes roles in a loop (Fn::ForEach), and ${target.name} may be one of them: add the snippet for that one`,
    )
  const cut = whyCut(templates.map(({ scope }) => scope))
  if (cut !== null) return fail(cut)
  const [only, ...more] = found
  if (only !== undefined && more.length > 0)
    return fail(
      `${found.map(({ resource, template }) => `${resource.logicalId} (${template.file})`).join(' and ')} could both be ${target.name}: say which template is meant`,
    )
  const deploys = all.length === 0 ? NO_DEPLOYS : deploysOf(templates)
  if (deploys === null)
    return fail('the templates nest more stacks than are looked at: name the folder of its template')
  const unsure = all.filter(
    one =>
      !isNamed(one.names, target.name) &&
      (one.names.texts.some(text => mayBe(text, target.name)) ||
        (deploys.get(one.template.file) ?? []).some(scope => isNamedIn(scope, one, kind, target.name))),
  )
  const cutThere = whyCut([...deploys.values()].flat())
  if (cutThere !== null) return fail(cutThere)
  const [maybe] = unsure
  if (maybe !== undefined && only === undefined)
    return fail(
      `${maybe.resource.logicalId} (${maybe.template.file}) may be ${target.name}, but its name depends on values that only a stack has: add the snippet where it is meant for every stack, or to the one that it is for`,
    )
  if (only === undefined) {
    const other = anywhere.find(({ path, names }) => path !== null && isNamed(names, target.name))
    if (other === undefined) return null
    return fail(underAnotherPath(`${other.resource.logicalId} (${other.template.file})`, other.path ?? '', target))
  }
  const other = unsure.find(({ resource }) => resource !== only.resource)
  if (other !== undefined && hints.logicalId === null)
    return fail(
      `${other.resource.logicalId} (${other.template.file}) may have the name ${target.name} too: its name depends on values that only a stack has`,
    )
  return ok({ template: only.template, resource: only.resource })
}

/** The limit that was reached: a name that was not resolved may be any name. */
function whyCut(scopes: readonly IntrinsicsScope[]): string | null {
  const cut = scopes.find(({ work }) => work.isCut)
  if (cut === undefined) return null
  return `too many functions, conditions or names of ${cut.template.file} depend on each other: add the snippet`
}

const NO_DEPLOYS: ReadonlyMap<string, readonly IntrinsicsScope[]> = new Map()

function candidatesIn(template: TemplateText, kind: Kind, target: Target): readonly Candidate[] {
  const { scope } = template
  return [...scope.template.resources.values()]
    .filter(({ type }) => type === kind.type || (kind.type === ROLE && makesItsRole(type)))
    .filter(resource => !resource.isCopy && readable(() => isPresent(scope, resource)) !== false)
    .map(resource => ({
      ...{ template, resource, names: namesIn(scope, resource, kind) },
      path: otherPath(scope, resource, target),
    }))
}

const isNamed = ({ texts: [text, ...others], mayBeMissing }: SetTexts, name: string): boolean =>
  text !== undefined && others.length === 0 && !mayBeMissing && knownText(text) === name

const isNamedIn = (scope: IntrinsicsScope, { resource }: Candidate, kind: Kind, name: string): boolean =>
  namesIn(scope, resource, kind).texts.some(text => knownText(text) === name)

const mayBe = ({ pieces }: RoleText, name: string): boolean =>
  mayBecome(
    pieces.map(piece => (typeof piece === 'string' ? piece : null)),
    name,
  )

function hinted<One extends Owner>(owners: readonly One[], { file }: EntityHints): readonly One[] {
  const inFile = owners.filter(({ template }) => template.file === file)
  return inFile.length > 0 ? inFile : owners
}

const UNKNOWN: SetTexts = { texts: [holeText('a name', 'unknown')], mayBeMissing: false }

/** The names that it can have. None: CloudFormation generates the name. */
function namesIn(scope: IntrinsicsScope, { type, properties }: TemplateResource, kind: Kind): SetTexts {
  if (makesItsRole(type)) return { texts: [], mayBeMissing: true }
  return readable(() => setTexts(scope, childOf(properties, kind.name))) ?? UNKNOWN
}

/** True when a copy of a loop, which has no place of its own in the text, may be the target. */
function mayLoopMake({ scope }: TemplateText, target: Target, kind: Kind, hints: EntityHints): boolean {
  return [...scope.template.resources.values()].some(resource => {
    if (!resource.isCopy || resource.type !== kind.type) return false
    const { texts, mayBeMissing } = namesIn(scope, resource, kind)
    if (mayBeMissing && resource.logicalId === targetLogicalId(target, hints)) return true
    return texts.some(text => (knownText(text) ?? target.name) === target.name)
  })
}

/** The path in the template if it certainly differs from the one in IAM. */
function otherPath(scope: IntrinsicsScope, resource: TemplateResource, target: Target): string | null {
  if (makesItsRole(resource.type)) return null
  const paths = readable(() => iamPathsOf(scope, resource).map(knownText)) ?? [null]
  return paths.includes(null) || paths.includes(pathIn(target)) ? null : (paths[0] ?? null)
}

/** SAM makes no role for a function that names one. `Globals` may name one for all functions. */
const hasOwnRole = ({ type, properties }: TemplateResource, { scope }: TemplateText): boolean =>
  childOf(properties, 'Role') !== undefined ||
  (type === FUNCTION && childOf(childOf(scope.template.globals, 'Function'), 'Role') !== undefined)

/** SAM adds `Role` to the logical id of its function. https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-generated-resources-function.html */
const logicalIdOf = ({ type, logicalId }: TemplateResource): string =>
  makesItsRole(type) ? `${logicalId}Role` : logicalId

/** Null: not known. */
export function targetLogicalId({ name }: Target, { logicalId, stackName }: EntityHints): string | null {
  const parts = generatedName(name)
  return logicalId ?? (stackName === null || parts?.stack === stackName ? (parts?.logicalId ?? null) : null)
}
