/**
 * The ARN patterns of `Resource` and `NotResource`.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
 */
import { matchesGlob } from './glob.ts'
import type { PolicyType } from './policy-document.ts'
import { compilePattern, type Match, matchPattern, type Scope } from './policy-variables.ts'

const FIELDS = 6

export function matchesResource(pattern: string, resource: string, type: PolicyType, scope: Scope): Match {
  const fields = fieldsOf(pattern)
  const missing = FIELDS - fields.length
  if (missing <= 0 || !/^arn(:|$)/.test(pattern)) return matchesWhole(fields, resource, scope)
  return matchesIncomplete(pattern, `${pattern}${':*'.repeat(missing)}`, resource, type, scope)
}

/**
 * In an identity-based policy, AWS completes an ARN of fewer than six fields with wildcards. It documents nothing for others.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html#arns-paths
 */
function matchesIncomplete(
  pattern: string,
  completed: string,
  resource: string,
  type: PolicyType,
  scope: Scope,
): Match {
  const match = matchesWhole(fieldsOf(completed), resource, scope)
  if (type === 'identity' || match === 'no') return match
  // A trailing wildcard may cover the missing fields.
  if (!pattern.includes('${') && matchesGlob(pattern, resource)) return 'yes'
  scope.note({
    fact: `"${pattern.slice(0, 100)}"`,
    why: 'AWS does not document what an incomplete ARN matches in such a policy',
  })
  return 'unknown'
}

/** A variable in the first five fields does not resolve: it is compared as plain text. */
function matchesWhole(fields: readonly string[], resource: string, scope: Scope): Match {
  const head = fields.slice(0, FIELDS - 1).join(':')
  const tail = fields.slice(FIELDS - 1).join(':')
  if (!scope.variables || !tail.includes('${')) return matchesGlob(fields.join(':'), resource) ? 'yes' : 'no'
  const before = compilePattern(`${head}:`, { ...scope, variables: false }, { wild: true, fold: false })
  const after = compilePattern(tail, scope, { wild: true, fold: false })
  return matchPattern({ ...after, tokens: [...before.tokens, ...after.tokens] }, resource)
}

/** Splits at colons, except inside variables, whose keys contain colons. The sixth field may contain more. */
function fieldsOf(pattern: string): readonly string[] {
  const fields: string[] = []
  let start = 0
  for (let at = 0; at < pattern.length && fields.length < FIELDS - 1; at += 1) {
    if (pattern.startsWith('${', at)) {
      const close = pattern.indexOf('}', at)
      if (close === -1) break
      at = close
    } else if (pattern[at] === ':') {
      fields.push(pattern.slice(start, at))
      start = at + 1
    }
  }
  return [...fields, pattern.slice(start)]
}
