/**
 * The statements that a template grants to a role, user or managed policy, in its own documents and in the managed policies that it has.
 */
import type { Target } from '../../../core/patch/index.ts'
import {
  childOf,
  knownText,
  onlyEntry,
  type SourceNode,
  scalarText,
  type TemplateResource,
} from '../../source/index.ts'
import { memberOf, plainLiteral, scalarLiteralText } from '../document/literal.ts'
import { awsManagedStatements } from '../present/aws-managed.ts'
import { type CodeStatement, type CodeStatements, unseenDocument } from '../present/granted-already.ts'
import { makesItsRole, type Owner } from './owners.ts'
import { onlyText, type PolicyText, templatePolicies } from './policies.ts'
import { literalIn, type TemplateText } from './template-text.ts'

export function templateStatements(
  templates: readonly TemplateText[],
  { template, resource }: Owner,
  target: Target,
): CodeStatements {
  const certain: CodeStatement[] = []
  const possible: CodeStatement[] = []
  const isWhole = !isConditional(resource) && !hasTransform(resource)
  if (!isWhole) possible.push(unseenDocument(placeOf(template, resource.logicalId)))
  const add = (policy: PolicyText, isCertain: boolean, of: TemplateText) =>
    (isCertain ? certain : possible).push(...statementsIn(policy, of))
  const wanted = kindOf(target)
  const own = templatePolicies(template)
  for (const policy of own) {
    if (policy.kind !== wanted || isNamedBySam(policy, resource)) continue
    const isOwn = policy.owner === resource.logicalId
    if (isOwn || (policy.owner === null && wanted === 'inline')) add(policy, isOwn && !policy.isConditional, template)
  }
  if (wanted !== 'inline') return { certain, possible }
  // A policy resource in another template may name it too.
  for (const other of templates)
    if (other !== template)
      for (const policy of templatePolicies(other))
        if (policy.owner === null && policy.kind === 'inline') add(policy, false, other)
  const managed = attachedTo(template, resource, target)
  for (const { logicalId, isCertain } of managed.policies) {
    const documents = own.filter(policy => policy.kind === 'managed' && policy.owner === logicalId)
    for (const policy of documents) add(policy, isCertain, template)
  }
  certain.push(...managed.ofAws.flatMap(name => awsManagedStatements(name, placeOf(template, resource.logicalId))))
  if (managed.hasOthers) possible.push(unseenDocument(placeOf(template, resource.logicalId)))
  return { certain, possible }
}

const placeOf = ({ file }: TemplateText, logicalId: string): string => `${logicalId} (${file})`

/** Names of managed policies and policy templates in a function's `Policies`, which are read as attachments. */
const isNamedBySam = ({ kind, owner, document }: PolicyText, { logicalId, type }: TemplateResource): boolean =>
  makesItsRole(type) && kind === 'inline' && owner === logicalId && document?.kind === 'map' && document.fixed !== null

/**
 * Policy templates of SAM never deny.
 * https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-policy-templates.html
 */
const isSamTemplate = (item: SourceNode): boolean => /^[A-Za-z0-9]+Policy$/.test(onlyEntry(item)?.[0] ?? '')

function kindOf({ kind }: Target): PolicyText['kind'] {
  if (kind === 'role-trust-policy') return 'trust'
  return kind === 'managed-policy' ? 'managed' : 'inline'
}

const isConditional = ({ node }: TemplateResource): boolean => childOf(node, 'Condition') !== undefined
const hasTransform = ({ properties }: TemplateResource): boolean =>
  properties?.kind !== 'map' || [...properties.entries.keys()].some(key => key.startsWith('Fn::'))

function statementsIn({ key, document }: PolicyText, template: TemplateText): readonly CodeStatement[] {
  const where = placeOf(template, key.split(' ')[0] ?? key)
  if (document === null) return []
  const found = memberOf(document, 'Statement')
  if (found === null || found.kind === 'open') return [unseenDocument(where)]
  return (found.kind === 'list' ? found.items : [found]).map(one => ({ plain: plainLiteral(one), where }))
}

type Attached = { readonly logicalId: string; readonly isCertain: boolean }

/** Managed policies of this template, and names of AWS managed policies. `hasOthers`: there are more, with documents elsewhere. */
function attachedTo(
  template: TemplateText,
  resource: TemplateResource,
  target: Target,
): { readonly policies: readonly Attached[]; readonly ofAws: readonly string[]; readonly hasOthers: boolean } {
  const policies: Attached[] = []
  const ofAws: string[] = []
  let hasOthers = false
  const property = target.kind === 'user-inline-policy' ? 'Users' : 'Roles'
  for (const other of template.scope.template.resources.values()) {
    if (other.type !== 'AWS::IAM::ManagedPolicy') continue
    const names = childOf(other.properties, property)
    if (names === undefined) continue
    const owners = (names.kind === 'list' ? names.items : [names]).map(name => ownerIn(name, template))
    const isOwner = (one: string | null) => one === resource.logicalId || one === `name ${target.name}`
    const isUncertain = names.kind !== 'list' || owners.includes(null)
    if (owners.some(isOwner) || isUncertain)
      policies.push({
        logicalId: other.logicalId,
        isCertain: owners.some(isOwner) && !isConditional(other) && !hasTransform(other),
      })
  }
  // SAM has names of managed policies, policy templates and documents in one list.
  const key = makesItsRole(resource.type) ? 'Policies' : 'ManagedPolicyArns'
  const arns = childOf(resource.properties, key)
  for (const arn of arns === undefined ? [] : arns.kind === 'list' ? arns.items : [arns]) {
    if (makesItsRole(resource.type) && (childOf(arn, 'Statement') !== undefined || isSamTemplate(arn))) continue
    const other = template.scope.template.resources.get(scalarText(childOf(arn, 'Ref')) ?? '')
    const text = scalarLiteralText(literalIn(template, arn))
    if (other?.type === 'AWS::IAM::ManagedPolicy')
      policies.push({ logicalId: other.logicalId, isCertain: !isConditional(other) && !hasTransform(other) })
    else if (text === null || !isHarmless(text)) hasOthers = true
    else ofAws.push(text)
  }
  return { policies, ofAws, hasOthers }
}

/** A logical id, `name x` for the text `x`, or null. */
function ownerIn(node: SourceNode, template: TemplateText): string | null {
  const text = onlyText(template, node)
  const name = text === null ? null : knownText(text)
  return text?.resource?.logicalId ?? (name === null ? null : `name ${name}`)
}

/**
 * AWS managed policies only allow, except those whose name says that they deny. SAM also accepts the name alone.
 * https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
 */
const isHarmless = (text: string): boolean =>
  (/^arn:aws[a-z-]*:iam::aws:policy\//.test(text) ||
    /^(?:AWS|Amazon|Cloud|IAM|AdministratorAccess$)[A-Za-z0-9_-]*$/.test(text)) &&
  !/deny|quarantine/i.test(text)
