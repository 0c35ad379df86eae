/**
 * The stacks that `preflight` finds in a repository: each template with its defaults, and with the values that other templates pass to it.
 */
import { type IntrinsicsScope, newWork, readable, type StackOptions, stackScopes } from '../../source/index.ts'
import type { TemplateText } from './template-text.ts'

/** The most stacks that are read in one repository. */
const MAX_STACKS = 20_000

/** Keyed by the file of the template. Null: there are too many. */
export function deploysOf(templates: readonly TemplateText[]): ReadonlyMap<string, readonly IntrinsicsScope[]> | null {
  const byFile = new Map(templates.map(({ file, scope }) => [file, scope.template]))
  const found = new Map<string, IntrinsicsScope[]>()
  let count = 0
  for (const { scope } of templates) {
    const options: StackOptions = { ...scope, given: new Map(), templateAt: path => byFile.get(path) ?? null }
    const alone = { ...scope, given: options.given, work: newWork() }
    const all = readable(() => stackScopes(scope.template, options).all) ?? [alone]
    count += all.length
    if (count > MAX_STACKS) return null
    for (const one of all) found.set(one.template.file, [...(found.get(one.template.file) ?? []), one])
  }
  return found
}
