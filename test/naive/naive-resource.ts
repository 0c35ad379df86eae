/** One ARN of `Resource` or `NotResource`, for the naive evaluator. */
import type { ContextFacts } from '../../core/iam/conditions/context.ts'
import { expand } from './naive-condition.ts'
import { glob } from './naive-text.ts'

export function inResourceElement(
  pattern: string,
  resource: string,
  context: ContextFacts,
  { variables, completes }: { readonly variables: boolean; readonly completes: boolean },
): boolean {
  // Hides colons inside variables while splitting the ARN.
  const hidden = pattern.replace(/\$\{[^}]*\}/g, variable => variable.replaceAll(':', '\u0000'))
  let parts = hidden.split(':').map(part => part.replaceAll('\u0000', ':'))
  if (completes && parts[0] === 'arn') while (parts.length < 6) parts = [...parts, '*']
  const front = parts.slice(0, 5)
  const back = parts.slice(5).join(':')
  // Variables before the fifth colon are not replaced: no ARN contains such text there.
  if (variables && front.some(part => part.includes('${'))) return false
  const expanded = expand(back, context, variables)
  if (expanded === null) return false
  return glob(parts.length > 5 ? [...front, expanded.text].join(':') : front.join(':'), resource)
}
