import { type Fact, known, unknown } from '../base/index.ts'
import type { GuardrailLevel, SourcedPolicy } from '../iam/index.ts'
import { policyFact, sourcedPolicy } from './sourced-policy.ts'

export type RawLevel = {
  readonly id: string
  readonly policies: readonly { readonly name: string; readonly arn: string | null; readonly document: unknown }[]
}

/**
 * The policies on the path of an account, root first. One document that cannot be parsed makes the whole path unknown, as it may deny. A
 * level without policies restricts nothing: AWS keeps at least one policy on every level where the policy type is enabled.
 * https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html
 */
export function guardrailLevels(type: 'scp' | 'rcp', levels: readonly RawLevel[]): Fact<readonly GuardrailLevel[]> {
  const seen: GuardrailLevel[] = []
  for (const level of levels) {
    const policies: SourcedPolicy[] = []
    for (const { name, arn, document } of level.policies) {
      const label = { type, name, arn, attachedTo: level.id }
      const read = sourcedPolicy(label, document)
      if (read.kind !== 'found')
        return unknown(`${policyFact(label)} is not readable: ${read.kind === 'unreadable' ? read.why : 'absent'}`)
      policies.push(read.value)
    }
    seen.push({ id: level.id, policies })
  }
  return known(seen)
}

/** Completes AWS's own allow-everything policies, which may be given by name alone. */
export function fullAccess(name: string, document: unknown): unknown {
  const empty = document == null || (typeof document === 'object' && Object.keys(document).length === 0)
  if (!empty || (name !== 'FullAWSAccess' && name !== 'RCPFullAWSAccess')) return document
  const anyone = name === 'RCPFullAWSAccess' ? { Principal: '*' } : {}
  return { Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...anyone, Action: '*', Resource: '*' }] }
}
