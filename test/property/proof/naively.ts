import { ABSENT_KEY, type ContextFacts } from '../../../core/iam/conditions/context.ts'
import type { AccessSnapshot } from '../../../core/iam/evaluation/access-snapshot.ts'
import type { AccessRequest } from '../../../core/iam/evaluation/evaluation.ts'
import { naiveAnswer } from '../../naive/naive-evaluator.ts'

/** The naive answer without the keys that the request does not show: one of the worlds that an unknown allows. */
export function naively(request: AccessRequest, snapshot: AccessSnapshot): string {
  const shown = Object.fromEntries(Object.entries(request.context).filter(([, fact]) => fact.state !== 'unknown'))
  const principal = request.roleArn ?? request.principalArn
  const named = { 'aws:principalarn': { state: 'present', values: [principal] } as const, ...shown }
  const context = new Proxy<ContextFacts>(named, { get: (facts, key) => facts[String(key)] ?? ABSENT_KEY })
  return naiveAnswer({ ...request, context }, snapshot)
}
