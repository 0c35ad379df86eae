/** Codes and devices of MFA. https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html */
import { type HintForm, type HintStep, hintStep } from './hint.ts'

const SESSION = 'aws sts get-session-token --serial-number MFA_DEVICE_ARN --token-code CODE'

const CODE: readonly HintStep[] = [
  hintStep('Use a new code: each counts once, also for a second call in the same 30 seconds.', SESSION),
  hintStep(
    'The serial number has to be the ARN of a device of the user whose keys are used: arn:aws:iam::ACCOUNT:mfa/NAME, not :user/NAME.',
    'aws iam list-mfa-devices',
  ),
  hintStep('Check the clock of the device that shows the code, and resynchronize it in IAM.', 'date -u'),
]

const NO_PROMPT: readonly HintStep[] = [
  hintStep(
    'Start a session with MFA first, and run the tool with the keys of the session: it does not ask for codes.',
    SESSION,
  ),
  hintStep(
    'A profile for the AWS CLI, which does ask, has mfa_serial beside role_arn; machines cannot use MFA and need another role.',
  ),
]

const form = (
  word: string,
  sentence: RegExp,
  [meaning, next]: readonly [string, readonly HintStep[]],
  example: HintForm['example'],
): HintForm => ({ subject: 'mfa', word, form: sentence, explains: 'principal', meaning, next, example })

const REFUSED = ['AWS did not accept the MFA code, so no policy was asked.', CODE] as const
const UNASKED = [
  'The profile wants MFA, and the tool has no way to ask for a code: AWS was not asked.',
  NO_PROMPT,
] as const

export const MFA_FORMS: readonly HintForm[] = [
  form(
    'MultiFactorAuthentication failed',
    /MultiFactorAuthentication failed,? (?:with invalid MFA|unable to validate MFA)/,
    REFUSED,
    {
      text: 'An error occurred (AccessDenied) when calling the AssumeRole operation: MultiFactorAuthentication failed with invalid MFA one time pass code.',
      source: 'https://github.com/aws/aws-cli/issues/2279',
    },
  ),
  form('must provide both MFA', /must provide both MFA serial number and one time pass code/, UNASKED, {
    text: 'Aws::STS::Errors::AccessDenied: MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.',
    source: 'https://github.com/aws/aws-sdk-ruby/issues/1480',
  }),
  form(
    'AssumeRoleTokenProvider',
    /(?:AssumeRoleTokenProviderNotSetError: )?(?:assume role with MFA enabled, but )?AssumeRoleTokenProvider session option not set|AssumeRoleTokenProviderNotSetError/,
    UNASKED,
    {
      text: 'AssumeRoleTokenProviderNotSetError: assume role with MFA enabled, but AssumeRoleTokenProvider session option not set.',
      source: 'https://github.com/hashicorp/terraform-provider-aws/issues/10491',
    },
  ),
  form('no MFA code callback', /requires multi-factor authentication, but no MFA code callback was provided/, UNASKED, {
    text: 'CredentialsProviderError: Profile production requires multi-factor authentication, but no MFA code callback was provided.',
    source: 'https://github.com/tmont/tail-stack-events/issues/10',
  }),
  form('token provider required', /token provider required for AssumeRole with MFA/, UNASKED, {
    text: "DEBUG: Couldn't load default config: token provider required for AssumeRole with MFA",
    source: 'https://github.com/aws-cloudformation/rain/issues/7',
  }),
]
