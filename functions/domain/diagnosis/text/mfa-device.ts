import { advice, buildDiagnosis } from '../diagnosis-builder.ts'
import { asksTrust, type Rule } from '../diagnosis-context.ts'
import { decisiveUnknowns } from '../verdict.ts'
import { callerLabel } from '../wording/short-names.ts'
import { called } from './role-in-text.ts'

/** The tool says that its profile names no MFA device, and the role may want MFA. */
export const mfaDeviceMissing: Rule = context => {
  const { denial } = context
  if (denial.hints?.noMfaSerial !== true || !asksTrust(denial)) return null
  return buildDiagnosis(
    context,
    'likely',
    {
      cause: 'trust-condition',
      summary: `The profile names no MFA device, so that ${callerLabel(denial)} asks for ${called(denial.resource)} without MFA, which its trust policy most likely demands.`,
      nextSteps: [
        advice(
          'Put the ARN of your MFA device into the profile in ~/.aws/config, as mfa_serial, and try again. This shows the ARN.',
          'aws iam list-mfa-devices --query MFADevices[].SerialNumber --output text',
          'the caller',
        ),
      ],
    },
    decisiveUnknowns(context),
  )
}
