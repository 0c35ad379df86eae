/**
 * `ArnEquals` and `ArnLike` behave identically: each of the six parts is matched separately, with wildcards.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN
 */

import { type Glob, globMatches, globOf, globTokens, type Tokens } from '../../policy/glob.ts'
import {
  hasVariables,
  matchPattern,
  type Resolved,
  resolveTokens,
  type VariableScope,
} from '../../policy/policy-variables.ts'
import { type CompileValue, NO_COMPARISON } from './operator.ts'

const COLON = 58
const PARTS = 6

export const arnLike: CompileValue = (wanted, variables) => {
  const options = { variables, wild: true, fold: false }
  const compiled = hasVariables(wanted, variables)
    ? (scope: VariableScope) => splitPattern(resolveTokens(wanted, options, scope))
    : constant(splitPattern({ form: globTokens(wanted), certain: true, resolvable: true }))
  return (got, scope) => {
    const parts = splitText(got)
    if (parts === null) return NO_COMPARISON
    const pattern = compiled(scope)
    const whole = matchPattern(pattern, got)
    if (whole === 'unresolvable') return whole
    const [first, ...rest] = pattern.parts
    if (first === undefined || !globMatches(first, 'arn')) {
      // AWS does not document what a pattern such as a bare `*` matches, nor how a negated operator treats it.
      scope.note({
        fact: `"${wanted.slice(0, 100)}"`,
        why: 'the policy compares an ARN with a text that is not an ARN',
      })
      return whole === 'no' ? NO_COMPARISON : 'unknown'
    }
    if (whole !== 'yes') return whole
    return rest.every((part, at) => globMatches(part, parts[at + 1] ?? '')) ? 'yes' : 'no'
  }
}

/** `parts` is empty for a pattern of fewer than six parts. */
type ArnPattern = Resolved<Glob> & { readonly parts: readonly Glob[] }

const constant = (pattern: ArnPattern) => () => pattern

const splitPattern = ({ form, ...rest }: Resolved<Tokens>): ArnPattern => ({
  form: globOf(form),
  parts: (splitTokens(form) ?? []).map(globOf),
  ...rest,
})

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
