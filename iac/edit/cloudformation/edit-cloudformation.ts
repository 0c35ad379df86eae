/** Edits a CloudFormation or SAM template. */
import { fail, ok, type Result } from '../../../core/base/index.ts'
import {
  hasDynamicReference,
  NOT_IN_TEMPLATES,
  OWN_POLICY,
  type PolicyChange,
  type Target,
} from '../../../core/patch/index.ts'
import { childOf, type SourceNode } from '../../source/index.ts'
import type { EntityHints, SourceFile } from '../code-change.ts'
import { literalSite, siteEdits } from '../document/document-site.ts'
import { type Literal, memberOf } from '../document/literal.ts'
import { policyDelta } from '../document/policy-delta.ts'
import { type TextEdit, withEdits } from '../document/text-edit.ts'
import type { CodeOwner, KindEdit } from '../kind-edit.ts'
import { grantedAlready } from '../present/granted-already.ts'
import { hasReference } from './has-reference.ts'
import { inexact, isTarget } from './inexact.ts'
import { mayMake } from './may-make.ts'
import { makesItsRole, type Owner, owningResource, targetLogicalId } from './owners.ts'
import { type PolicyText, templatePolicies } from './policies.ts'
import { templateStatements } from './template-statements.ts'
import { literalIn, readTemplates, type TemplateText, targetDeploy } from './template-text.ts'

export function editCloudFormation(change: PolicyChange, files: readonly SourceFile[], hints: EntityHints): KindEdit {
  const { target } = change
  const read = (all: readonly SourceFile[]) =>
    readTemplates(all, targetDeploy(target, hints), mayMake(target, targetLogicalId(target, hints)))
  const { templates, broken } = read(files)
  const owner = owningResource(templates, target, hints)
  if (owner === null) return { found: false, broken }
  const present = owner.ok ? grantedAlready(change, templateStatements(templates, owner.value, target)) : null
  if (present !== null && owner.ok)
    return { found: true, result: ok({ ...foundIn(owner.value), files, broken, present }) }
  const result = owner.ok ? edited(change, files, templates, owner.value, all => read(all).templates) : owner
  if (!result.ok || !owner.ok) return { found: true, result: fail(result.ok ? '' : result.error) }
  return { found: true, result: ok({ ...foundIn(owner.value), files: result.value, broken, present: null }) }
}

/** The resource that makes the target, or why it is not certain. Null: no template makes it. */
export function ownerInTemplates(
  target: Target,
  files: readonly SourceFile[],
  hints: EntityHints,
): Result<CodeOwner, string> | null {
  const { templates } = readTemplates(
    files,
    targetDeploy(target, hints),
    mayMake(target, targetLogicalId(target, hints)),
  )
  const owner = owningResource(templates, target, hints)
  return owner?.ok === true ? ok({ ...foundIn(owner.value), file: owner.value.template.file }) : owner
}

const foundIn = ({ template, resource }: Owner) => ({
  kind: template.scope.template.isSam ? ('sam' as const) : ('cloudformation' as const),
  address: resource.logicalId,
})

function edited(
  change: PolicyChange,
  files: readonly SourceFile[],
  templates: readonly TemplateText[],
  owner: Owner,
  read: (files: readonly SourceFile[]) => readonly TemplateText[],
): Result<readonly SourceFile[], string> {
  const edits = editsFor(change, owner)
  if (!edits.ok) return fail(`${owner.resource.logicalId} (${owner.template.file}): ${edits.error}`)
  const after = withEdits(files, edits.value)
  const wrong = inexact(change, templates, read(after), owner)
  return wrong === null ? ok(after) : fail(`${owner.resource.logicalId} (${owner.template.file}): ${wrong}`)
}

function editsFor(change: PolicyChange, owner: Owner): Result<readonly TextEdit[], string> {
  const { template, resource } = owner
  if (childOf(resource.properties, 'Fn::Transform') !== undefined) return fail('a macro makes some of its properties')
  if (hasDynamicReference([change.target, change.after])) return fail(NOT_IN_TEMPLATES)
  const isResolved = (node: SourceNode | undefined) => node !== undefined && hasReference(template.scope, node)
  const property = IDENTIFYING.find(name => isResolved(childOf(resource.properties, name)))
  if (property !== undefined) return fail(`its ${property} has a dynamic reference, which only the deploy knows`)
  const policies = templatePolicies(template)
  const existing = policies.filter(policy => isTarget(policy, change, owner))
  const [only, ...more] = existing
  if (more.length > 0) return fail(`it has the policy ${change.target.policyName ?? ''} more than once`)
  if (only !== undefined) {
    if (only.document === null)
      return fail(only.source === undefined && makesItsRole(resource.type) ? OF_SAM : 'its document is not written out')
    if (memberOf(only.document, 'Fn::Transform') !== null) return fail('a macro makes some of its document')
    if (only.isConditional) return fail('a condition decides whether it has this policy')
    if (isResolved(only.source)) return fail('its document has a dynamic reference, which only the deploy knows')
    const delta = policyDelta(change)
    if (!delta.ok) return delta
    return siteEdits(literalSite(only.document, template.dialect), delta.value)
  }
  if (change.before !== null && change.target.policyName !== OWN_POLICY)
    return fail(`the template does not hold the policy ${change.target.policyName}`)
  const sids = new Set(change.after.Statement.flatMap(({ Sid }) => Sid ?? []))
  if (policies.some(policy => policy.owner === resource.logicalId && hasSid(policy, sids)))
    return fail('it already has a statement with the same Sid')
  return newPolicy(change, template, literalIn(template, resource.properties), resource.type)
}

const OF_SAM =
  'SAM writes the trust policy of its role: give it an AssumeRolePolicyDocument with its own service and the statement below'

/** Properties that decide which entity it is. */
const IDENTIFYING = ['RoleName', 'UserName', 'ManagedPolicyName', 'Path', 'RolePath']

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
  if (makesItsRole(type) && policies.kind !== 'open' && !isNothing(policies)) return dialect.wrap(policies, [item])
  return fail('its Policies are not a list')
}

const isNothing = (literal: Literal): boolean => literal.kind === 'scalar' && literal.value === null
