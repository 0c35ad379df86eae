import { advice, buildDiagnosis } from '../diagnosis-builder.ts'
import { denialAsksTrust, type Rule } from '../diagnosis-context.ts'
import { decisiveUnknowns } from '../verdict.ts'
import { callerLabel } from '../wording/short-names.ts'
import { called } from './role-in-text.ts'

/** The tool reports a profile without an MFA device, and the role may require MFA. */
export const mfaDeviceMissing: Rule = context => {
  const { denial } = context
  if (denial.hints?.noMfaSerial !== true || !denialAsksTrust(denial)) return null
  return buildDiagnosis(
    context,
    'likely',
    {
      cause: 'trust-condition',
      summary: `The profile names no MFA device, so ${callerLabel(denial)} requests ${called(denial.resource)} without MFA, which its trust policy most likely requires.`,
      nextSteps: [
        advice(
          'Add the ARN of your MFA device to the profile in ~/.aws/config as mfa_serial, and try again. This command shows the ARN.',
          'aws iam list-mfa-devices --query MFADevices[].SerialNumber --output text',
          'the caller',
        ),
      ],
    },
    decisiveUnknowns(context),
  )
}
