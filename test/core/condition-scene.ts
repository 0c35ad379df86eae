import { meetsConditions } from '../../functions/core/policy/conditions.ts'
import { ABSENT_KEY, type ContextFact, contextFact, present } from '../../functions/core/policy/context.ts'
import type { ConditionValue } from '../../functions/core/policy/policy.ts'
import type { Truth } from '../../functions/core/policy/truth.ts'

/** One condition on the key `aws:SomeKey`. */
export function meets(operator: string, wanted: ConditionValue, fact: ContextFact, version = '2012-10-17'): Truth {
  const facts = {
    'aws:somekey': fact,
    'aws:username': present('ann'),
    'aws:principaltag/team': ABSENT_KEY,
    'aws:tagkeys': present('a', 'b'),
  }
  return meetsConditions(
    { [operator]: { 'AWS:SomeKey': wanted } },
    key => contextFact(facts, key),
    version === '2012-10-17',
  ).truth
}
