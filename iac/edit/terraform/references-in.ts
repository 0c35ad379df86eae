/** The names that a part of the code refers to, and how often a module refers to a name. */
import { childOfType, descendants, type SyntaxNode, syntaxText } from '../syntax-node.ts'
import type { Configuration, Module } from './configuration.ts'

const names = new WeakMap<SyntaxNode, readonly string[]>()
const counts = new WeakMap<Module, ReadonlyMap<string, number>>()

/** `aws_iam_role.task`, `local.name`, `data.aws_iam_policy_document.trust`: one for each reference. */
function referencedNames(node: SyntaxNode, text: string): readonly string[] {
  const before = names.get(node)
  if (before !== undefined) return before
  const found: string[] = []
  for (const one of descendants(node)) if (one.children[0]?.type === 'variable_expr') found.push(nameIn(one, text))
  names.set(node, found)
  return found
}

function nameIn(node: SyntaxNode, text: string): string {
  const steps = node.children
    .filter(({ type }) => type === 'variable_expr' || type === 'get_attr')
    .map(part => syntaxText(childOfType(part, 'identifier'), text))
  return steps.slice(0, steps[0] === 'data' ? 3 : 2).join('.')
}

export function moduleUses(configuration: Configuration, module: Module, name: string): number {
  const before = counts.get(module)
  if (before !== undefined) return before.get(name) ?? 0
  const found = new Map<string, number>()
  for (const { file, node } of module.blocks)
    for (const one of referencedNames(node, configuration.texts.get(file) ?? ''))
      found.set(one, (found.get(one) ?? 0) + 1)
  counts.set(module, found)
  return found.get(name) ?? 0
}

/** True when a block refers to another, directly or through others. */
export function reaches(configuration: Configuration, module: Module, from: string, to: string): boolean {
  const seen = new Set<string>()
  const waiting = [from]
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (name === to) return true
    if (seen.has(name)) continue
    seen.add(name)
    const local = name.startsWith('local.') ? module.locals.get(name.slice('local.'.length)) : undefined
    const block = module.named.get(name)
    if (local !== undefined) waiting.push(...referencedNames(local.value, configuration.texts.get(local.file) ?? ''))
    else if (block !== undefined)
      waiting.push(...referencedNames(block.node, configuration.texts.get(block.file) ?? ''))
  }
  return false
}
