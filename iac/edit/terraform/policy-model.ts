/** Every policy of the code by its address, to compare the code before and after an edit. */

import type { Result } from '../../../core/base/index.ts'
import type { DocumentSite } from '../document/document-site.ts'
import type { SyntaxNode } from '../syntax-node.ts'
import type { Block } from './configuration.ts'
import { documentSite } from './document-of-expression.ts'
import { type Entity, entityNameOf, fullAddress, namedLike, ownedLike, resourcesOf } from './entities.ts'
import { attributeText, type TerraformScope } from './evaluate.ts'
import type { References } from './hcl-text.ts'
import type { Instance } from './instances.ts'

export type PolicyKind = 'trust' | 'role-inline' | 'user-inline' | 'managed'

export type CodePolicy = {
  readonly key: string
  readonly kind: PolicyKind
  /** The name of the role or user, or of the managed policy itself. Null: not certain. */
  readonly owner: string | null
  readonly policyName: string | null
  readonly entity: Entity
  /** The block with the document: the resource, or its `inline_policy` block. */
  readonly block: Block
  readonly attribute: 'assume_role_policy' | 'policy'
}

/** `of`: the attribute that names the owner. Null: it is a policy of its own. */
const TYPES: readonly (readonly [type: string, kind: PolicyKind, of: 'role' | 'user' | null])[] = [
  ['aws_iam_role_policy', 'role-inline', 'role'],
  ['aws_iam_user_policy', 'user-inline', 'user'],
  ['aws_iam_policy', 'managed', null],
]

/** `name`: only what may be a policy of this role or user, or a managed policy with this name. */
export function terraformPolicies(instances: readonly Instance[], name?: string): readonly CodePolicy[] {
  const like =
    name === undefined
      ? () => undefined
      : (of: 'role' | 'user' | null) => (of === null ? namedLike(name) : ownedLike(of, name))
  const roles = resourcesOf(instances, 'aws_iam_role', like(null)).flatMap((entity): CodePolicy[] => {
    const { block, scope } = entity
    const key = fullAddress(entity)
    const inline = block.blocks
      .filter(({ type }) => type === 'inline_policy')
      .map((one, index): CodePolicy => {
        const policyName = attributeText(one, 'name', scope)
        return {
          ...{ key: `${key} inline_policy ${index}`, kind: 'role-inline', owner: entityNameOf(entity), policyName },
          ...{ entity, block: one, attribute: 'policy' },
        }
      })
    const trust: CodePolicy = {
      ...{ key: `${key} assume_role_policy`, kind: 'trust', owner: entityNameOf(entity), policyName: null },
      ...{ entity, block, attribute: 'assume_role_policy' },
    }
    return [trust, ...inline]
  })
  const others = TYPES.flatMap(([type, kind, of]) =>
    resourcesOf(instances, type, like(of)).map((entity): CodePolicy => {
      const { block, scope } = entity
      const owner = of === null ? entityNameOf(entity) : attributeText(block, of, scope)
      return {
        ...{ key: fullAddress(entity), kind, owner, policyName: kind === 'managed' ? null : entityNameOf(entity) },
        ...{ entity, block, attribute: 'policy' },
      }
    }),
  )
  return [...roles, ...others]
}

/**
 * Why Terraform would ignore a change of this attribute. Null: it does not.
 * https://developer.hashicorp.com/terraform/language/meta-arguments#ignore_changes
 */
export function ignoredChange({ block, scope }: Pick<Entity, 'block' | 'scope'>, attribute: string): string | null {
  const lifecycle = block.blocks.find(({ type }) => type === 'lifecycle')
  const value = lifecycle?.attributes.get('ignore_changes')?.value
  const text = scope.configuration.texts.get(block.file)?.slice(value?.start, value?.end) ?? ''
  const names: readonly string[] = value === undefined ? [] : (text.match(/\w+/g) ?? [])
  return names.includes(attribute) || names.includes('all')
    ? `its lifecycle has ignore_changes for ${attribute}, so that Terraform would not write the change`
    : null
}

export function siteOf({ block, attribute, entity }: CodePolicy, references: References): Result<DocumentSite, string> {
  const value = block.attributes.get(attribute)?.value
  if (value === undefined) return { ok: false, error: `it has no ${attribute}` }
  return documentSite(block.file, value, entity.scope, references)
}

/** The statements, or the text of the expression if no document is written. */
export function statementsOf(policy: CodePolicy): readonly unknown[] {
  const site = siteOf(policy, new Map())
  const value: SyntaxNode | undefined = policy.block.attributes.get(policy.attribute)?.value
  const text = (scope: TerraformScope) =>
    scope.configuration.texts.get(policy.block.file)?.slice(value?.start, value?.end)
  return (
    (site.ok ? site.value.statements : null) ?? [{ expression: value === undefined ? null : text(policy.entity.scope) }]
  )
}

/** For reading only: includes a document that several policies share. Null: not all of it is written. */
export function statementsRead({ block, attribute, entity }: CodePolicy): readonly unknown[] | null {
  const value = block.attributes.get(attribute)?.value
  if (value === undefined) return []
  const site = documentSite(block.file, value, entity.scope, new Map(), { depth: 0, isRead: true })
  return site.ok ? site.value.statements : null
}
