/** A change as an edit of a CloudFormation or SAM template. */
import { canonicalJson } from '../../base/canonical-json.ts'
import { fail, ok, type Result } from '../../base/result.ts'
import { madeRoles } from '../../deploy/needs/cloudformation/made-roles.ts'
import { UnreadableSource } from '../../deploy/needs/source/source-node.ts'
import { parsePolicy } from '../../iam/policy/parse-policy.ts'
import { samePolicy } from '../../iam/policy/same-policy.ts'
import { OWN_POLICY } from '../../patch/drafting/caller-policy.ts'
import type { PolicyChange } from '../../patch/patch.ts'
import type { EntityHints, SourceFile } from '../code-change.ts'
import { isExactly, literalSite, siteEdits } from '../document/document-site.ts'
import { type Literal, memberOf, plainOf } from '../document/literal.ts'
import { policyDelta } from '../document/policy-delta.ts'
import { type TextEdit, withEdits } from '../document/text-edit.ts'
import type { KindEdit } from '../kind-edit.ts'
import { resolved } from './intrinsic-text.ts'
import { makesItsRole, type Owner, ownerOf } from './owners.ts'
import { type PolicyText, policiesOf } from './policies.ts'
import { type Deploy, readTemplates, type TemplateText } from './template-text.ts'

export function editCloudFormation(change: PolicyChange, files: readonly SourceFile[], hints: EntityHints): KindEdit {
  const { target } = change
  const deploy: Deploy = {
    accountId: target.accountId,
    partition: target.arn.split(':')[1] ?? 'aws',
    stackName: hints.stackName,
  }
  const { templates, broken } = readTemplates(files, deploy)
  const owner = ownerOf(templates, target, hints, deploy)
  if (owner === null) return { found: false, broken }
  const result = owner.ok ? edited(change, files, templates, owner.value, deploy) : owner
  if (!result.ok || !owner.ok) return { found: true, result: fail(result.ok ? '' : result.error) }
  const { template, resource } = owner.value
  return {
    found: true,
    result: ok({
      files: result.value,
      kind: template.scope.template.isSam ? 'sam' : 'cloudformation',
      address: resource.logicalId,
      broken,
    }),
  }
}

function edited(
  change: PolicyChange,
  files: readonly SourceFile[],
  templates: readonly TemplateText[],
  owner: Owner,
  deploy: Deploy,
): Result<readonly SourceFile[], string> {
  const edits = editsFor(change, owner, deploy)
  if (!edits.ok) return fail(`${owner.resource.logicalId} (${owner.template.file}): ${edits.error}`)
  const after = withEdits(files, edits.value)
  const wrong = inexact(change, templates, readTemplates(after, deploy).templates, owner, deploy)
  return wrong === null ? ok(after) : fail(`${owner.resource.logicalId} (${owner.template.file}): ${wrong}`)
}

function editsFor(change: PolicyChange, owner: Owner, deploy: Deploy): Result<readonly TextEdit[], string> {
  const { template, resource } = owner
  if (memberOf(resource.properties, 'Fn::Transform') !== null) return fail('a macro makes some of its properties')
  const policies = policiesOf(template, deploy)
  const existing = policies.filter(policy => isTarget(policy, change, owner))
  const [only, ...more] = existing
  if (more.length > 0) return fail(`it has the policy ${change.target.policyName ?? ''} more than once`)
  if (only !== undefined) {
    if (only.document === null) return fail('its document is not written out')
    if (only.isConditional) return fail('a condition decides whether it has this policy')
    const delta = policyDelta(change)
    if (!delta.ok) return delta
    const document = resolved(only.document, deploy, template.text)
    return siteEdits(literalSite(document, template.dialect), delta.value)
  }
  if (change.target.kind !== 'role-inline-policy' && change.target.kind !== 'user-inline-policy')
    return fail('its document is not in the template')
  if (change.before !== null && change.target.policyName !== OWN_POLICY)
    return fail(`the template does not hold the policy ${change.target.policyName}`)
  const sids = new Set(change.after.Statement.flatMap(({ Sid }) => Sid ?? []))
  if (policies.some(policy => policy.owner === resource.logicalId && hasSid(policy, sids)))
    return fail('it already has a statement with the same Sid')
  return newPolicy(change, template, resource.properties, resource.type)
}

function hasSid({ document }: PolicyText, sids: ReadonlySet<string>): boolean {
  const list = memberOf(document, 'Statement')
  const statements = list?.kind === 'list' ? list.items : [list]
  return statements.some(statement => {
    const sid = memberOf(statement, 'Sid')
    return sid?.kind === 'scalar' && sids.has(String(sid.value))
  })
}

function newPolicy(
  { target, after }: PolicyChange,
  { dialect }: TemplateText,
  properties: Literal | null,
  type: string,
): Result<readonly TextEdit[], string> {
  const document = { Version: '2012-10-17', ...after }
  // SAM names the policies of a function itself.
  const item = makesItsRole(type) ? document : { PolicyName: target.policyName, PolicyDocument: document }
  if (properties?.kind !== 'map') return fail('its properties are not written out')
  const policies = memberOf(properties, 'Policies')
  if (policies === null) return dialect.addEntry(properties, 'Policies', [item])
  if (policies.kind === 'list') return dialect.appendItem(policies, [item])
  if (makesItsRole(type) && (policies.kind === 'scalar' || policies.kind === 'map') && !isNothing(policies))
    return dialect.wrap(policies, [item])
  return fail('its Policies are not a list')
}

const isNothing = (literal: Literal): boolean => literal.kind === 'scalar' && literal.value === null

function isTarget(policy: PolicyText, { target }: PolicyChange, { resource }: Owner): boolean {
  if (policy.owner !== resource.logicalId) return false
  switch (target.kind) {
    case 'role-trust-policy':
      return policy.kind === 'trust'
    case 'managed-policy':
      return policy.kind === 'managed'
    default:
      return policy.kind === 'inline' && policy.name === target.policyName
  }
}

/** What differs from the approved change after the edit; null where nothing does. */
function inexact(
  change: PolicyChange,
  before: readonly TemplateText[],
  after: readonly TemplateText[],
  owner: Owner,
  deploy: Deploy,
): string | null {
  const was = rest(before, deploy)
  const now = rest(after, deploy)
  if (after.length !== before.length) return 'the edited template can no longer be read'
  const changed = [...now].filter(([key, { value }]) => canonicalJson(value) !== canonicalJson(was.get(key)?.value))
  if ([...was.keys()].some(key => !now.has(key))) return 'the edit would take something away'
  const [only, ...more] = changed
  if (only === undefined || more.length > 0) return 'the edit would change other parts of the template'
  const [key, { policy, value }] = only
  if (policy === null || policy.owner !== owner.resource.logicalId) return 'the edit would change another policy'
  const old = was.get(key)
  const statements = Array.isArray(value) ? value : []
  if (old !== undefined) {
    const delta = policyDelta(change)
    const isWanted = isTarget(policy, change, owner) && delta.ok && Array.isArray(old.value)
    return isWanted && isExactly(old.value, statements, delta.value)
      ? null
      : 'the edited policy is not what was approved'
  }
  const read = parsePolicy({ Version: '2012-10-17', Statement: statements })
  const isApproved = read.ok && samePolicy(read.value, { ...change.after, Version: '2012-10-17' })
  if (!isApproved || policy.kind !== 'inline') return 'the new policy is not what was approved'
  return makesItsRole(owner.resource.type) || isMade(change, after, owner)
    ? null
    : 'the new policy is not what was approved'
}

/** The reader of deploys must find the same policy. */
function isMade({ target, after: wanted }: PolicyChange, templates: readonly TemplateText[], owner: Owner): boolean {
  if (target.kind !== 'role-inline-policy') return true
  const template = templates.find(({ file }) => file === owner.template.file)
  const roles = template === undefined ? [] : rolesOf(template)
  return roles.some(
    role =>
      role.logicalId === owner.resource.logicalId &&
      role.inlinePolicies.some(policy => {
        const read = parsePolicy(policy.document)
        return policy.name === target.policyName && read.ok && samePolicy(read.value, wanted)
      }),
  )
}

/** None where the template refers to what it does not have. */
function rolesOf({ scope }: TemplateText): ReturnType<typeof madeRoles> {
  try {
    return madeRoles(scope)
  } catch (fault) {
    if (fault instanceof UnreadableSource) return []
    throw fault
  }
}

type Part = { readonly policy: PolicyText | null; readonly value: unknown }

/** Every policy by its place, and everything else of each resource. */
function rest(templates: readonly TemplateText[], deploy: Deploy): ReadonlyMap<string, Part> {
  const parts = new Map<string, Part>()
  for (const template of templates) {
    for (const policy of policiesOf(template, deploy)) {
      const { document } = policy
      const list = document === null ? null : memberOf(resolved(document, deploy, template.text), 'Statement')
      const value = list === null ? null : list.kind === 'list' ? list.items.map(plainOf) : [plainOf(list)]
      parts.set(`${template.file} ${policy.key}`, { policy, value })
    }
    for (const { logicalId, node } of template.resources.values())
      parts.set(`${template.file} ${logicalId}`, { policy: null, value: withoutStatements(plainOf(node)) })
  }
  return parts
}

/** What is compared as a policy is not compared again. */
function withoutStatements(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutStatements)
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).filter(([key]) => key !== 'Statement' && key !== 'Policies')
  return Object.fromEntries(members.map(([key, member]) => [key, withoutStatements(member)]))
}
