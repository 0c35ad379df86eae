/** AWS's own reason for a denial. Of all policy types that deny, AWS names one, so the reason clears no other type. */
import type { Denial, DenialReason } from '../denial/index.ts'
import type { PolicyType } from '../iam/index.ts'

export type AwsReason = {
  readonly effect: 'deny' | 'gap'
  /** Null: AWS names no policy type. */
  readonly layer: PolicyType | null
  readonly policyArn: string | null
  readonly source: 'text' | 'decoded-message' | 'authorization-details'
}

const deny = (layer: PolicyType | null) => ({ effect: 'deny', layer }) as const
const gap = (layer: PolicyType) => ({ effect: 'gap', layer }) as const

/** For a role, AWS's "resource-based policy" is the trust policy. */
const REASONS: { readonly [reason in DenialReason]?: Pick<AwsReason, 'effect' | 'layer'> } = {
  'no-identity-policy': gap('identity'),
  'no-trust-policy': gap('trust'),
  'no-resource-policy': gap('trust'),
  'no-boundary': gap('boundary'),
  'no-session-policy': gap('session'),
  'no-scp': gap('scp'),
  'no-rcp': gap('rcp'),
  'no-vpce-policy': gap('vpce'),
  'explicit-deny': deny(null),
  'explicit-deny-identity': deny('identity'),
  'explicit-deny-trust': deny('trust'),
  'explicit-deny-resource': deny('trust'),
  'explicit-deny-boundary': deny('boundary'),
  'explicit-deny-session': deny('session'),
  'explicit-deny-scp': deny('scp'),
  'explicit-deny-rcp': deny('rcp'),
  'explicit-deny-vpce': deny('vpce'),
}

function reasonInText(denial: Denial): AwsReason | null {
  const named = REASONS[denial.reason]
  return named === undefined ? null : { ...named, policyArn: denial.reasonPolicyArn, source: 'text' }
}

function reasonInEvaluation(denial: Denial): AwsReason | null {
  const own = denial.awsEvaluation
  if (own === null || own.allowed) return null
  const policyArn = own.matchedStatements.find(statement => statement.effect === 'Deny')?.policy ?? null
  return { effect: own.explicitDeny ? 'deny' : 'gap', layer: null, policyArn, source: own.source }
}

/** AWS's text if it agrees with AWS's evaluation, because it names the layer; otherwise the evaluation, which is more reliable. */
export function awsReasonOf(denial: Denial): AwsReason | null {
  const text = reasonInText(denial)
  const own = reasonInEvaluation(denial)
  if (own === null) return text
  return text !== null && text.effect === own.effect ? { ...text, source: own.source } : own
}

/** True when AWS's text contradicts AWS's evaluation. */
export function awsContradictsItself(denial: Denial): boolean {
  const text = reasonInText(denial)
  const own = denial.awsEvaluation
  if (own === null) return false
  return own.allowed || (text !== null && own.explicitDeny !== (text.effect === 'deny'))
}
