/** The statements that Terraform code grants to a role or user, in its own policies and in the managed policies that it attaches. */
import type { Target } from '../../../core/patch/index.ts'
import { scalarLiteralText } from '../document/literal.ts'
import { awsManagedStatements } from '../present/aws-managed.ts'
import { type CodeStatement, type CodeStatements, NO_STATEMENTS, unseenDocument } from '../present/granted-already.ts'
import type { SyntaxNode } from '../syntax-node.ts'
import type { Block } from './configuration.ts'
import { type Entity, entityNameOf, fullAddress, providerText, resourcesOf } from './entities.ts'
import { attributeText, evaluateExpression, type TerraformScope, traversalSteps } from './evaluate.ts'
import { type Instance, rootOf } from './instances.ts'
import { type CodePolicy, ignoredChange, type PolicyKind, statementsRead, terraformPolicies } from './policy-model.ts'

/** `entity`: the block that makes the role, user or managed policy. */
export function terraformStatements(
  instances: readonly Instance[],
  target: Target,
  kind: PolicyKind,
  entity: Entity,
): CodeStatements {
  const all = terraformPolicies(instances.filter(instance => rootOf(instance) === rootOf(entity.instance)))
  if (kind === 'trust' || kind === 'managed') {
    const own = all.filter(policy => policy.kind === kind && policy.entity.block === entity.block)
    return joined(own.map(policy => statementsIn(policy, isOnce(policy.entity))))
  }
  const inline = all
    .filter(policy => policy.kind === kind)
    .filter(({ owner }) => owner === null || owner === target.name)
    .map(policy =>
      statementsIn(
        policy,
        policy.owner === target.name && isOnce(policy.entity) && isSameProvider(policy.entity, entity),
      ),
    )
  const hidden = entity.block.blocks
    .filter(({ type, labels }) => type === 'dynamic' && labels[0] === 'inline_policy')
    .map(() => unseen(entity))
  const word = kind === 'role-inline' ? 'role' : 'user'
  const managed = all.filter(policy => policy.kind === 'managed')
  const attachments = attachmentsOf(instances, word, entity, target.name)
  return joined([...inline, ...hidden, ...attachments.map(one => attachedBy(one, managed))])
}

const joined = (parts: readonly CodeStatements[]): CodeStatements => ({
  certain: parts.flatMap(({ certain }) => certain),
  possible: parts.flatMap(({ possible }) => possible),
})

const placeOf = (entity: Entity): string => `${fullAddress(entity)} (${entity.block.file})`
const unseen = (entity: Entity): CodeStatements => ({ certain: [], possible: [unseenDocument(placeOf(entity))] })

function statementsIn(policy: CodePolicy, isCertain: boolean): CodeStatements {
  const { entity, block, attribute } = policy
  const where = placeOf(entity)
  const statements = statementsRead(policy)
  const found: readonly CodeStatement[] =
    statements === null ? [unseenDocument(where)] : statements.map(plain => ({ plain, where }))
  const isIgnored = ignoredChange(entity, block === entity.block ? attribute : 'inline_policy') !== null
  return isCertain && !isIgnored ? { certain: found, possible: [] } : { certain: [], possible: found }
}

/** True when no loop or condition decides whether it exists. */
function isOnce({ block, instance }: Entity): boolean {
  if (isRepeated(block)) return false
  for (let at = instance.caller; at !== null; at = at.instance.caller) if (isRepeated(at.call)) return false
  return true
}

const isRepeated = ({ attributes }: Block): boolean =>
  ['count', 'for_each', 'enabled'].some(name => attributes.has(name))

const isSameProvider = (one: Entity, other: Entity): boolean =>
  providerText(one.block, one.scope) === providerText(other.block, other.scope)

/** `isCertain`: attached to this role in every deploy. `policy`: the expression of the policy's ARN. */
type Attachment = {
  readonly by: Entity
  readonly file: string
  readonly policy: SyntaxNode
  readonly scope: TerraformScope
  readonly isCertain: boolean
}

function attachmentsOf(
  instances: readonly Instance[],
  word: 'role' | 'user',
  entity: Entity,
  name: string,
): readonly Attachment[] {
  const within = instances.filter(instance => rootOf(instance) === rootOf(entity.instance))
  const attachment = (by: Entity, owner: boolean | null): readonly Attachment[] => {
    const value = by.block.attributes.get('policy_arn')?.value
    if (owner === false || value === undefined) return []
    const isCertain = owner === true && isOnce(by) && isSameProvider(by, entity)
    return [{ by, file: by.block.file, policy: value, scope: by.scope, isCertain }]
  }
  const single = resourcesOf(within, `aws_iam_${word}_policy_attachment`).flatMap(by => {
    const owner = attributeText(by.block, word, by.scope)
    return attachment(by, owner === null ? null : owner === name)
  })
  const several = resourcesOf(within, 'aws_iam_policy_attachment').flatMap(by => {
    const value = by.block.attributes.get(`${word}s`)?.value
    if (value === undefined) return []
    const names = evaluateExpression(by.block.file, value, by.scope)
    if (names.kind !== 'list') return attachment(by, null)
    const texts = names.items.map(scalarLiteralText)
    return attachment(by, texts.includes(name) ? true : texts.includes(null) ? null : false)
  })
  const own = entity.block.attributes.get('managed_policy_arns')?.value
  const list = own === undefined ? [] : tupleItems(own)
  const listed = list.map(policy => ({
    ...{ by: entity, file: entity.block.file, policy, scope: entity.scope },
    isCertain: isOnce(entity) && ignoredChange(entity, 'managed_policy_arns') === null,
  }))
  return [...single, ...several, ...listed]
}

/** The expressions of a literal list; otherwise the whole expression. */
function tupleItems(value: SyntaxNode): readonly SyntaxNode[] {
  let at: SyntaxNode | undefined = value
  while (at !== undefined && at.type !== 'tuple') {
    const inner: readonly SyntaxNode[] = at.children.filter(({ type }) => type !== 'comment')
    at = inner.length === 1 ? inner[0] : undefined
  }
  return at === undefined ? [value] : at.children.filter(({ type }) => type === 'expression')
}

function attachedBy(
  { by, file, policy, scope, isCertain }: Attachment,
  managed: readonly CodePolicy[],
): CodeStatements {
  const text = scalarLiteralText(evaluateExpression(file, policy, scope))
  if (text !== null && isHarmless(text))
    return isCertain ? { ...NO_STATEMENTS, certain: awsManagedStatements(text, placeOf(by)) } : NO_STATEMENTS
  const [type, label, ...rest] = traversalSteps(file, policy, scope) ?? []
  const found = managed.filter(({ entity }) => {
    const isNamed =
      type === 'aws_iam_policy' &&
      rest.at(-1) === 'arn' &&
      rest.length === 1 &&
      entity.block.labels[1] === String(label)
    return isNamed
      ? entity.scope.module === scope.module && entity.instance.address === by.instance.address
      : text !== null && text === arnOf(entity)
  })
  const [only, ...more] = found
  if (only === undefined) return unseen(by)
  return joined([only, ...more].map(one => statementsIn(one, isCertain && more.length === 0 && isOnce(one.entity))))
}

function arnOf(entity: Entity): string | null {
  const { block, scope } = entity
  const name = entityNameOf(entity)
  const path = block.attributes.has('path') ? attributeText(block, 'path', scope) : '/'
  const { partition, accountId } = scope.account
  return name === null || path === null ? null : `arn:${partition}:iam::${accountId}:policy${path}${name}`
}

/**
 * AWS managed policies only allow, except those whose name says that they deny.
 * https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
 */
const isHarmless = (arn: string): boolean =>
  /^arn:aws[a-z-]*:iam::aws:policy\//.test(arn) && !/deny|quarantine/i.test(arn)
