/**
 * The ARN patterns of `Resource` and `NotResource`.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
 */
import { compileGlob, globMatches, globOf, globTokens } from './glob.ts'
import { hasVariables, type Match, matchPattern, resolveTokens, type VariableScope } from './policy-variables.ts'
import type { PolicyType } from './sourced-policy.ts'

const FIELDS = 6

/** A compiled pattern of `Resource`. The type of its policy decides what an incomplete ARN matches. */
export type CompiledResource = (resource: string, type: PolicyType, scope: VariableScope) => Match

export function compileResource(pattern: string, variables: boolean): CompiledResource {
  const fields = fieldsOf(pattern)
  const missing = FIELDS - fields.length
  if (missing <= 0 || !/^arn(:|$)/.test(pattern)) return compileWhole(fields, variables)
  return compileIncomplete(pattern, `${pattern}${':*'.repeat(missing)}`, variables)
}

/**
 * In an identity-based policy, AWS completes an ARN of fewer than six fields with wildcards. It documents nothing for others.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html#arns-paths
 */
function compileIncomplete(pattern: string, completed: string, variables: boolean): CompiledResource {
  const whole = compileWhole(fieldsOf(completed), variables)
  // A trailing wildcard can cover the missing fields.
  const asWritten = pattern.includes('${') ? null : compileGlob(pattern)
  return (resource, type, scope) => {
    const match = whole(resource, type, scope)
    // A permissions boundary is a managed policy, and so identity-based.
    if (type === 'identity' || type === 'boundary' || match === 'no') return match
    if (asWritten !== null && globMatches(asWritten, resource)) return 'yes'
    scope.note({
      fact: `"${pattern.slice(0, 100)}"`,
      why: 'AWS does not document what an incomplete ARN matches in such a policy',
    })
    return 'unknown'
  }
}

function compileWhole(fields: readonly string[], variables: boolean): CompiledResource {
  const matches = compileFields(fields, variables)
  if (!hasWildType(fields)) return matches
  return (resource, type, scope) => {
    const match = matches(resource, type, scope)
    if (match !== 'yes') return match
    scope.note({
      fact: `"${fields.join(':').slice(0, 100)}"`,
      why: 'AWS allows no wildcard in the resource type of an ARN, and does not document what one matches',
    })
    return 'unknown'
  }
}

/**
 * True for `arn:aws:iam::111122223333:r*`. `*` alone covers all types.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html#arns-paths ("Incorrect wildcard usage")
 */
function hasWildType(fields: readonly string[]): boolean {
  const [, , service, , , ...rest] = fields
  const [type = ''] = rest.join(':').split('/')
  return service === 'iam' && rest.join(':') !== '*' && /[*?]/.test(type)
}

/** AWS does not resolve a variable in the first five fields; it compares the text. */
function compileFields(fields: readonly string[], variables: boolean): CompiledResource {
  const head = fields.slice(0, FIELDS - 1).join(':')
  const tail = fields.slice(FIELDS - 1).join(':')
  if (!hasVariables(tail, variables)) {
    const glob = compileGlob(fields.join(':'))
    return resource => (globMatches(glob, resource) ? 'yes' : 'no')
  }
  const before = globTokens(`${head}:`)
  return (resource, _type, scope) => {
    const { form, ...rest } = resolveTokens(tail, { variables, wild: true, fold: false }, scope)
    return matchPattern({ form: globOf([...before, ...form]), ...rest }, resource)
  }
}

/** Splits at colons outside variables, whose keys contain colons. The sixth field keeps further colons. */
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
