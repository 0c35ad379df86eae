/** Roles of the same module by their ARN: code names them by reference. */
import { childOfType, descendants, type SyntaxNode } from '../syntax-node.ts'
import type { Module } from './configuration.ts'
import { addressOf, type Entity, fullAddress, providerText, resourcesOf } from './entities.ts'
import { evaluate } from './evaluate.ts'
import type { References } from './hcl-text.ts'
import type { Instance } from './instances.ts'

/**
 * `at`: the block that will hold the references. `user`: the role whose document that is; null where nothing can refer back to
 * the block.
 */
export function referencesFor(instance: Instance, at: Entity, user: Entity | null): References {
  const found = new Map<string, string>()
  for (const role of resourcesOf([instance], 'aws_iam_role')) {
    if (role.repetition.index === '[?]' || role.name?.kind !== 'scalar') continue
    if (providerText(role.block, role.scope) !== providerText(at.block, at.scope)) continue
    const address = addressOf(role.block)
    // A role's own ARN is not known while it is made, and two roles cannot wait for each other.
    if (user !== null && reaches(instance, address, addressOf(user.block))) continue
    const text = arnOf(role)
    if (text === null || found.has(text)) continue
    found.set(text, `${fullAddress({ ...role, instance: { ...instance, address: '' } })}.arn`)
  }
  return found
}

function arnOf(role: Entity): string | null {
  const { accountId, partition } = role.scope.account
  const path = role.block.attributes.get('path')?.value
  const known = path === undefined ? null : evaluate(role.block.file, path, role.scope)
  if (known !== null && known.kind !== 'scalar') return null
  const name = role.name?.kind === 'scalar' ? String(role.name.value) : ''
  return `arn:${partition}:iam::${accountId}:role${known === null ? '/' : String(known.value)}${name}`
}

/** Whether a block refers to another, also through third ones. */
function reaches({ module, scope: { configuration } }: Instance, from: string, to: string): boolean {
  const seen = new Set<string>()
  const waiting = [from]
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (name === to) return true
    if (seen.has(name)) continue
    seen.add(name)
    for (const { file, node } of partsNamed(module, name)) {
      const text = configuration.texts.get(file) ?? ''
      for (const one of descendants(node))
        if (one.children[0]?.type === 'variable_expr') waiting.push(nameIn(one, text))
    }
  }
  return false
}

function partsNamed(module: Module, name: string): readonly { readonly file: string; readonly node: SyntaxNode }[] {
  const local = name.startsWith('local.') ? module.locals.get(name.slice('local.'.length)) : undefined
  if (local !== undefined) return [{ file: local.file, node: local.value }]
  return module.blocks.filter(({ type, labels }) => nameOfBlock(type, labels) === name)
}

/** `aws_iam_role.task` of `aws_iam_role.task.arn`, `data.aws_iam_policy_document.trust` of its JSON. */
function nameIn(node: SyntaxNode, text: string): string {
  const steps = node.children
    .filter(({ type }) => type === 'variable_expr' || type === 'get_attr')
    .map(part => childOfType(part, 'identifier'))
    .map(word => (word === null ? '' : text.slice(word.start, word.end)))
  return steps.slice(0, steps[0] === 'data' ? 3 : 2).join('.')
}

const nameOfBlock = (type: string, labels: readonly string[]): string =>
  type === 'resource' ? labels.join('.') : [type, ...labels].join('.')
