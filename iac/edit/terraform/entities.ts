/** The roles, users and policies that the code makes, each with its name if that is certain. */
import type { Target } from '../../../core/patch/index.ts'
import { type Literal, mayBeWritten } from '../document/literal.ts'
import { pathIn } from '../entity-path.ts'
import { childrenOfType, syntaxText } from '../syntax-node.ts'
import type { Block } from './configuration.ts'
import { attributeText, elementsOf, evaluateExpression, type Repetition, type TerraformScope } from './evaluate.ts'
import { type Instance, rootOf, withRepetition } from './instances.ts'

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

/** `isWanted`: which blocks are read. Others are not parsed. */
export function resourcesOf(
  instances: readonly Instance[],
  type: string,
  isWanted: (block: Block, instance: Instance) => boolean = () => true,
): readonly Entity[] {
  return instances.flatMap(instance =>
    instance.module.blocks
      .filter(block => block.type === 'resource' && block.labels[0] === type && isWanted(block, instance))
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

/**
 * False when the text of the block shows, without being parsed, that no attribute of this name in it has the value. `isReferred`:
 * whether a resource that the attribute refers to may have it.
 */
function mayHave(
  text: string,
  attribute: string,
  wanted: string,
  isReferred: (address: string) => boolean = () => true,
): boolean {
  const written = [...text.matchAll(ASSIGNMENTS)].filter(([, name]) => name === attribute)
  if (written.length === 0) return true
  return written.some(([, , quoted, reference]) => {
    if (reference !== undefined) return isReferred(reference)
    return quoted === undefined || mayBeWritten(quoted.slice(1, -1), wanted)
  })
}

/** `name = "task"` or `role = aws_iam_role.task.name`. */
const ASSIGNMENTS =
  /(?<![\w.-])(name|role|user)[ \t]*=[ \t]*(?:(?:("(?:[^"\\$%\n]|\$\{[^{}"\n]*\})*")|(aws_iam_(?:role|user)\.[\w-]+)\.(?:name|id))[ \t]*(?=[\r\n#}]|\/\/|$))?/g

export const textOf = ({ file, start, end }: Block, { scope }: Instance): string =>
  scope.configuration.texts.get(file)?.slice(start, end) ?? ''

/** For `resourcesOf`: blocks that may have this name. */
export const namedLike =
  (name: string) =>
  (block: Block, instance: Instance): boolean =>
    mayHave(textOf(block, instance), 'name', name)

/** For `resourcesOf`: policies that may belong to the role or user with this name. */
export const ownedLike =
  (attribute: 'role' | 'user', name: string) =>
  (block: Block, instance: Instance): boolean =>
    mayHave(textOf(block, instance), attribute, name, address => {
      const owner = instance.module.named.get(address)
      return owner !== undefined && namedLike(name)(owner, instance)
    })

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
  const root = rootOf(instance)
  let alias = providerText(block, scope)
  for (let at = instance.caller; at !== null; at = at.instance.caller) {
    const outer = providerOfCall(at.call, at.instance, alias)
    if (outer === undefined && alias !== null) return true
    alias = outer ?? null
  }
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

/** The caller's name for the module's provider. Null: the provider without an alias. Undefined: not certain. */
export function providerOfCall(call: Block, { scope }: Instance, inner: string | null): string | null | undefined {
  const given = call.attributes.get('providers')?.value
  if (given === undefined) return inner === null ? null : undefined
  const text = scope.configuration.texts.get(call.file) ?? ''
  const object = given.children[0]?.children[0]
  for (const element of childrenOfType(object, 'object_elem')) {
    const [key, value] = childrenOfType(element, 'expression')
    if (syntaxText(key, text) !== (inner ?? 'aws')) continue
    const outer = syntaxText(value, text)
    if (/^aws(?:\.[\w-]+)?$/.test(outer)) return outer === 'aws' ? null : outer
  }
  return undefined
}
