/** Causes that a text strongly suggests when no policy was read. The verdict is `likely`, with the reason, and there is no change. */
import type { Diagnosis } from '../diagnosis.ts'
import type { DiagnosisContext, Rule } from '../diagnosis-context.ts'
import { alreadyTheRole } from './already-the-role.ts'
import { linkedRoleRefused } from './linked-role.ts'
import { mfaDeviceMissing } from './mfa-device.ts'
import { notBootstrapped } from './not-bootstrapped.ts'
import { textNotEnough } from './not-enough.ts'
import { linkedRoleAbsent, serviceUntrusted } from './service-trust.ts'
import { sessionParts } from './session-parts.ts'
import { tokenRefused } from './token.ts'
import { unsetVariable } from './unset-variable.ts'
import { wrongArn } from './wrong-arn.ts'

/** In order; the first rule that finds a cause wins. */
const RULES: readonly Rule[] = [
  unsetVariable,
  wrongArn,
  alreadyTheRole,
  linkedRoleAbsent,
  serviceUntrusted,
  tokenRefused,
  sessionParts,
  mfaDeviceMissing,
  notBootstrapped,
  linkedRoleRefused,
]

export function fromText(context: DiagnosisContext): Diagnosis {
  for (const rule of RULES) {
    const diagnosis = rule(context)
    if (diagnosis !== null) return diagnosis
  }
  return textNotEnough(context)
}
