/** The roles, users and policies that the code makes, each with its name if that is certain. */
import type { Target } from '../../../core/patch/index.ts'
import type { Literal } from '../document/literal.ts'
import { pathIn } from '../entity-path.ts'
import type { Block } from './configuration.ts'
import { attributeText, elementsOf, evaluateExpression, type Repetition, type TerraformScope } from './evaluate.ts'
import type { Instance } from './instances.ts'
import { withRepetition } from './instances.ts'

export type Entity = {
  readonly instance: Instance
  readonly block: Block
  readonly repetition: Repetition
  /** How many the block makes. Null: only the deploy knows. */
  readonly elements: number | null
  readonly scope: TerraformScope
  readonly name: Literal | null
}

/** `aws_iam_role.task`, without the index. */
export const addressOf = ({ labels }: Block): string => labels.join('.')

export const fullAddress = ({ instance, block, repetition }: Entity): string =>
  `${instance.address === '' ? '' : `${instance.address}.`}${addressOf(block)}${repetition.index}`

export function resourcesOf(instances: readonly Instance[], type: string): readonly Entity[] {
  return instances.flatMap(instance =>
    instance.module.blocks
      .filter(block => block.type === 'resource' && block.labels[0] === type)
      .flatMap(block => {
        const elements = elementsOf(block, instance.scope)
        return (elements ?? [{ index: '[?]', each: null, count: null }]).map(repetition => {
          const scope = withRepetition(instance.scope, repetition)
          const name = block.attributes.get('name')?.value
          return {
            ...{ instance, block, repetition, scope },
            elements: elements?.length ?? null,
            name: name === undefined ? null : evaluateExpression(block.file, name, scope),
          }
        })
      }),
  )
}

export const entityNameOf = ({ name }: Entity): string | null =>
  name?.kind === 'scalar' && typeof name.value === 'string' ? name.value : null

/** Null: only the deploy knows it. */
export const entityPathOf = ({ block, scope }: Entity): string | null =>
  block.attributes.has('path') ? attributeText(block, 'path', scope) : '/'

/** The path in the code if it certainly differs from the one in IAM. */
export function otherPath(entity: Entity, target: Target): string | null {
  const path = entityPathOf(entity)
  return path === pathIn(target) ? null : path
}

/** False when the code says that it belongs to another account or has another path. */
export function isInAccount(entity: Entity, target: Target): boolean {
  const { instance, block, scope } = entity
  const { accountId } = target
  if (otherPath(entity, target) !== null) return false
  let root = instance
  while (root.caller !== null) root = root.caller.instance
  const alias = providerText(block, scope)
  const providers = root.module.blocks.filter(({ type, labels }) => type === 'provider' && labels[0] === 'aws')
  const provider = providers.find(one => {
    const named = attributeText(one, 'alias', root.scope)
    return alias === null ? named === null : alias === `aws.${named}`
  })
  if (provider === undefined) return true
  const allowed = provider.attributes.get('allowed_account_ids')?.value
  const list = allowed === undefined ? null : evaluateExpression(provider.file, allowed, root.scope)
  if (list?.kind === 'list') {
    const ids = list.items.map(item => (item.kind === 'scalar' ? String(item.value) : null))
    if (!ids.includes(null) && !ids.includes(accountId)) return false
  }
  const assumed = provider.blocks.find(({ type }) => type === 'assume_role')
  const role = assumed === undefined ? null : attributeText(assumed, 'role_arn', root.scope)
  const other = /^arn:aws[a-z-]*:iam::(\d{12}):role\//.exec(role ?? '')?.[1]
  return other === undefined || other === accountId
}

/** `aws.audit`. Null: the provider without an alias. */
export function providerText(block: Block, { configuration }: TerraformScope): string | null {
  const value = block.attributes.get('provider')?.value
  return value === undefined
    ? null
    : (configuration.texts.get(block.file)?.slice(value.start, value.end).trim() ?? null)
}
