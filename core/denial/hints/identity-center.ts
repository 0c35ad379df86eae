/**
 * IAM Identity Center, from a laptop: the sign-in is over, or the permission set is not assigned.
 * https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-sso.html
 */
import { type HintForm, hintStep } from './hint.ts'

const SIGN_IN = [
  hintStep('Sign in again.', 'aws sso login --profile PROFILE'),
  hintStep(
    'If the message stays after a sign-in, remove the stored sign-ins and sign in once more; the profile that the tool uses must be the one that signed in (AWS_PROFILE).',
    'aws sso logout',
  ),
]
const OVER = 'The sign-in to IAM Identity Center is over, so there are no credentials for a role.'

const form = (word: string, sentence: RegExp, text: string, source: string): HintForm => ({
  ...{ subject: 'sso-session-expired', word, form: sentence, meaning: OVER, next: SIGN_IN },
  example: { text, source },
})

export const IDENTITY_CENTER_FORMS: readonly HintForm[] = [
  form(
    'SSO session associated with this profile',
    /The SSO session associated with this profile (?:has expired|is invalid)/,
    'CredentialsProviderError: The SSO session associated with this profile has expired. To refresh this SSO session run aws sso login with the corresponding profile',
    'https://github.com/aws/aws-sdk/issues/531',
  ),
  form(
    'oken has expired and refresh failed',
    /Token has expired and refresh failed/,
    'Error when retrieving token from sso: Token has expired and refresh failed',
    'https://github.com/61418/aws-sso-util/issues/83',
  ),
  form(
    'ession token not found or invalid',
    /[Ss]ession token not found or invalid/,
    'An error occurred (UnauthorizedException) when calling the GetRoleCredentials operation: Session token not found or invalid',
    'https://github.com/aws/aws-cli/issues/7340',
  ),
  form(
    'SSO login is expired',
    /Cached SSO login is expired\/invalid/,
    'Cached SSO login is expired/invalid, try running `aws sso login` and try again',
    'https://github.com/ryansonshine/aws-sso-creds-helper/issues/59',
  ),
  form(
    'Unable to load SSO token',
    /Unable to load SSO token/,
    'Unable to load SSO token',
    'https://github.com/aws/aws-sdk-java-v2/issues/4830',
  ),
  form(
    'aws-sso-util login',
    /Login required\. Use `?aws-sso-util login/,
    'Login required. Use `aws-sso-util login --profile ACCOUNT` or `aws sso login --profile ACCOUNT` and try again.',
    'https://github.com/61418/aws-sso-util/issues/74',
  ),
  {
    subject: 'identity-center',
    word: 'GetRoleCredentials',
    form: /(?:\(ForbiddenException\) when calling the GetRoleCredentials operation|GetRoleCredentials.{0,160}ForbiddenException): No access/,
    meaning:
      'Identity Center knows the person and gives no access: this permission set is not assigned in this account, or the profile names it wrongly.',
    next: [
      hintStep(
        'Compare sso_account_id and sso_role_name of the profile with what the access portal shows, letter by letter: sso_role_name is the name of the permission set.',
        'aws configure get sso_role_name --profile PROFILE',
      ),
      hintStep(
        'If they are right, the permission set has to be assigned to the person or their group in this account.',
        null,
        'an administrator of IAM Identity Center',
      ),
    ],
    example: {
      text: 'botocore.exceptions.ClientError: An error occurred (ForbiddenException) when calling the GetRoleCredentials operation: No access',
      source: 'https://github.com/aws/aws-sam-cli/issues/2129',
    },
  },
]
