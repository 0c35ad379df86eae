/** Conditions of a trust policy that the text or the record hints at: an external id, and MFA. */
import type { Denial } from '../../denial/index.ts'
import type { NextStep } from '../diagnosis.ts'
import { advice } from '../diagnosis-builder.ts'
import { called } from './role-in-text.ts'

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html */
export function trustHints({ hints, resource }: Denial): readonly NextStep[] {
  const role = called(resource)
  return [
    ...(hints?.externalId === true
      ? [
          advice(
            `Compare the external id: where the trust policy of ${role} has a condition on sts:ExternalId, the call must send exactly that value (--external-id, external_id).`,
          ),
        ]
      : []),
    ...(hints?.mfa === true
      ? [
          advice(
            `Sign in with MFA where the trust policy of ${role} has a condition on aws:MultiFactorAuthPresent: set mfa_serial in the profile, or start a session with a code.`,
            'aws sts get-session-token --serial-number MFA_DEVICE_ARN --token-code CODE',
            'the caller',
          ),
        ]
      : []),
  ]
}
