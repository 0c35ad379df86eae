/**
 * `ArnEquals` and `ArnLike` behave identically: each of the six parts is matched separately, with wildcards.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN
 */

import { matchesTokens, type Tokens } from '../../policy/glob.ts'
import { compilePattern, type Match, matchPattern } from '../../policy/policy-variables.ts'
import { type Compare, NO_COMPARISON } from './operator.ts'

const COLON = 58
const PARTS = 6

export const arnLike: Compare = (wanted, got, scope): Match => {
  const parts = splitText(got)
  if (parts === null) return NO_COMPARISON
  const pattern = compilePattern(wanted, scope, { wild: true, fold: false })
  const whole = matchPattern(pattern, got)
  if (whole === 'unresolvable') return whole
  const patterns = splitTokens(pattern.tokens)
  if (patterns === null || !matchesTokens(patterns[0] ?? [], 'arn')) {
    // For example a bare `*`: AWS does not document what it matches, nor what a negated operator makes of it.
    scope.note({ fact: `"${wanted.slice(0, 100)}"`, why: 'the policy compares an ARN with a text that is not an ARN' })
    return whole === 'no' ? 'unresolvable' : 'unknown'
  }
  if (whole !== 'yes') return whole
  return patterns.every((tokens, at) => matchesTokens(tokens, parts[at] ?? '')) ? 'yes' : 'no'
}

function splitText(arn: string): readonly string[] | null {
  const parts = arn.split(':')
  if (parts.length < PARTS || parts[0] !== 'arn') return null
  return [...parts.slice(0, PARTS - 1), parts.slice(PARTS - 1).join(':')]
}

function splitTokens(tokens: Tokens): readonly Tokens[] | null {
  const parts: Tokens[] = []
  let start = 0
  while (parts.length < PARTS - 1) {
    const colon = tokens.indexOf(COLON, start)
    if (colon === -1) return null
    parts.push(tokens.slice(start, colon))
    start = colon + 1
  }
  return [...parts, tokens.slice(start)]
}
