/** What a template grants to a role, user or managed policy: its own documents and those of the managed policies that it has. */
import type { Target } from '../../patch/patch.ts'
import { type Literal, memberOf, plainOf, textIn } from '../document/literal.ts'
import { type CodeStatement, type CodeStatements, unseenDocument } from '../present/granted-already.ts'
import { resolved } from './intrinsic-text.ts'
import { makesItsRole, type Owner } from './owners.ts'
import { type PolicyText, policiesOf } from './policies.ts'
import type { Deploy, ResourceText, TemplateText } from './template-text.ts'

export function templateStatements(
  templates: readonly TemplateText[],
  { template, resource }: Owner,
  target: Target,
  deploy: Deploy,
): CodeStatements {
  const certain: CodeStatement[] = []
  const possible: CodeStatement[] = []
  const isWhole = !isConditional(resource) && !hasTransform(resource)
  if (!isWhole) possible.push(unseenDocument(placeOf(template, resource.logicalId)))
  const add = (policy: PolicyText, isCertain: boolean, of: TemplateText) =>
    (isCertain ? certain : possible).push(...statementsIn(policy, of, deploy))
  const wanted = kindOf(target)
  const own = policiesOf(template, deploy)
  for (const policy of own) {
    if (policy.kind !== wanted || isNamedBySam(policy, resource)) continue
    const isOwn = policy.owner === resource.logicalId
    if (isOwn || (policy.owner === null && wanted === 'inline')) add(policy, isOwn && !policy.isConditional, template)
  }
  if (wanted !== 'inline') return { certain, possible }
  // By its name, a policy of another template may be for it too.
  for (const other of templates)
    if (other !== template)
      for (const policy of policiesOf(other, deploy))
        if (policy.owner === null && policy.kind === 'inline') add(policy, false, other)
  const managed = attachedTo(template, resource, target, deploy)
  for (const { logicalId, isCertain } of managed.policies) {
    const documents = own.filter(policy => policy.kind === 'managed' && policy.owner === logicalId)
    for (const policy of documents) add(policy, isCertain, template)
  }
  if (managed.hasOthers) possible.push(unseenDocument(placeOf(template, resource.logicalId)))
  return { certain, possible }
}

const placeOf = ({ file }: TemplateText, logicalId: string): string => `${logicalId} (${file})`

/** Names of managed policies and templates of policies in the `Policies` of a function: they are looked at as attachments. */
const isNamedBySam = ({ kind, owner, document }: PolicyText, { logicalId, type }: ResourceText): boolean =>
  makesItsRole(type) && kind === 'inline' && owner === logicalId && document?.kind === 'map' && document.fixed !== null

/** https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-policy-templates.html: none denies. */
const isSamTemplate = (item: Literal): boolean =>
  item.kind === 'map' && item.entries.length === 1 && /^[A-Za-z0-9]+Policy$/.test(item.entries[0]?.key ?? '')

function kindOf({ kind }: Target): PolicyText['kind'] {
  if (kind === 'role-trust-policy') return 'trust'
  return kind === 'managed-policy' ? 'managed' : 'inline'
}

const isConditional = ({ node }: ResourceText): boolean => memberOf(node, 'Condition') !== null
const hasTransform = ({ properties }: ResourceText): boolean =>
  properties?.kind !== 'map' || properties.entries.some(({ key }) => key.startsWith('Fn::'))

function statementsIn({ key, document }: PolicyText, template: TemplateText, deploy: Deploy): readonly CodeStatement[] {
  const where = placeOf(template, key.split(' ')[0] ?? key)
  if (document === null) return []
  const found = memberOf(resolved(withRoleArns(document, template, deploy), deploy, template.text), 'Statement')
  if (found === null || found.kind === 'open') return [unseenDocument(where)]
  return (found.kind === 'list' ? found.items : [found]).map(one => ({ plain: plainOf(one), where }))
}

type Attached = { readonly logicalId: string; readonly isCertain: boolean }

/** Managed policies of this template. `hasOthers`: there are more, whose documents are elsewhere. */
function attachedTo(
  template: TemplateText,
  resource: ResourceText,
  target: Target,
  deploy: Deploy,
): { readonly policies: readonly Attached[]; readonly hasOthers: boolean } {
  const policies: Attached[] = []
  let hasOthers = false
  const property = target.kind === 'user-inline-policy' ? 'Users' : 'Roles'
  for (const other of template.resources.values()) {
    if (other.type !== 'AWS::IAM::ManagedPolicy') continue
    const names = memberOf(other.properties, property)
    if (names === null) continue
    const owners = (names.kind === 'list' ? names.items : [names]).map(name => ownerIn(name, template, deploy))
    const isOwner = (one: string | null) => one === resource.logicalId || one === `name ${target.name}`
    const isUncertain = names.kind !== 'list' || owners.includes(null)
    if (owners.some(isOwner) || isUncertain)
      policies.push({
        logicalId: other.logicalId,
        isCertain: owners.some(isOwner) && !isConditional(other) && !hasTransform(other),
      })
  }
  // SAM names managed policies, templates of policies and documents in one list.
  const key = makesItsRole(resource.type) ? 'Policies' : 'ManagedPolicyArns'
  const arns = memberOf(resource.properties, key)
  for (const arn of arns === null ? [] : arns.kind === 'list' ? arns.items : [arns]) {
    if (makesItsRole(resource.type) && (memberOf(arn, 'Statement') !== null || isSamTemplate(arn))) continue
    const reference = textIn(memberOf(arn, 'Ref'))
    const other = reference === null ? undefined : template.resources.get(reference)
    const text = textIn(resolved(arn, deploy, template.text))
    if (other?.type === 'AWS::IAM::ManagedPolicy')
      policies.push({ logicalId: other.logicalId, isCertain: !isConditional(other) && !hasTransform(other) })
    else if (text === null || !isHarmless(text)) hasOthers = true
  }
  return { policies, hasOthers }
}

/** A logical id, `name x` for the text `x`, or null. */
function ownerIn(name: Literal, template: TemplateText, deploy: Deploy): string | null {
  const reference = textIn(memberOf(name, 'Ref'))
  if (reference !== null && template.resources.has(reference)) return reference
  const text = textIn(resolved(name, deploy, template.text))
  return text === null ? null : `name ${text}`
}

/** Policies of AWS itself allow, but for those whose name says otherwise. SAM takes their names alone. https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html */
const isHarmless = (text: string): boolean =>
  (/^arn:aws[a-z-]*:iam::aws:policy\//.test(text) || /^(?:AWS|Amazon|Cloud|IAM)[A-Za-z0-9_-]*$/.test(text)) &&
  !/deny|quarantine/i.test(text)

/** `Fn::GetAtt: [Role, Arn]` where the template gives the role its name. */
function withRoleArns(literal: Literal, template: TemplateText, deploy: Deploy): Literal {
  if (literal.kind === 'list')
    return { ...literal, items: literal.items.map(item => withRoleArns(item, template, deploy)) }
  if (literal.kind !== 'map') return literal
  const arn = literal.entries.length === 1 ? arnIn(literal, template, deploy) : null
  if (arn !== null) return { kind: 'scalar', file: literal.file, start: literal.start, end: literal.end, value: arn }
  return {
    ...literal,
    entries: literal.entries.map(entry => ({ ...entry, value: withRoleArns(entry.value, template, deploy) })),
  }
}

function arnIn(literal: Literal, template: TemplateText, deploy: Deploy): string | null {
  const attribute = memberOf(literal, 'Fn::GetAtt')
  const parts = attribute?.kind === 'list' ? attribute.items.map(textIn) : (textIn(attribute)?.split('.') ?? [])
  const whole = /^\$\{(\w+)\.Arn\}$/.exec(textIn(memberOf(literal, 'Fn::Sub')) ?? '')?.[1]
  const logicalId = whole ?? (parts.length === 2 && parts[1] === 'Arn' ? parts[0] : null)
  const role = logicalId == null ? undefined : template.resources.get(logicalId)
  if (role?.type !== 'AWS::IAM::Role' || isConditional(role) || hasTransform(role)) return null
  const text = (name: string): string | null => {
    const value = memberOf(role.properties, name)
    return value === null ? null : textIn(resolved(value, deploy, template.text))
  }
  const path = memberOf(role.properties, 'Path') === null ? '/' : text('Path')
  const name = text('RoleName')
  return name === null || path === null ? null : `arn:${deploy.partition}:iam::${deploy.accountId}:role${path}${name}`
}
