/** Tokens and sessions whose time is over, or has not begun. */
import { type HintForm, hintStep } from './hint.ts'

const TOKEN = [
  hintStep(
    'Get a new token right before the call: one of GitHub Actions lasts minutes, and slow steps or retries before the call use them up.',
  ),
  hintStep('Check the clock of the machine that makes or uses the token.', 'date -u'),
  hintStep(
    'A long process must read the token file again for each session: update the AWS SDK, which does, and do not keep the token in memory.',
  ),
]

const SESSION = [
  hintStep('Sign in or assume the role again.', 'aws sso login --profile PROFILE'),
  hintStep(
    'If it ends in the middle of a long run, ask for a longer session (role-duration-seconds, duration_seconds), up to the maximum of the role, or let the tool renew it from a profile instead of copied keys.',
    'aws iam get-role --role-name ROLE --query Role.MaxSessionDuration',
  ),
  hintStep(
    'Old keys in the environment win over a new sign-in.',
    'unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN',
  ),
]

export const EXPIRED_FORMS: readonly HintForm[] = [
  {
    subject: 'expired-token',
    word: 'must be before the expiration',
    form: /(?:Token expired|The token included in the request is expired): current date\/time ?[\w:.+-]{0,40} must be before the expiration/,
    meaning: 'The token of the identity provider was expired when AWS got it.',
    next: TOKEN,
    example: {
      text: 's.a.a.s.s.m.ExpiredTokenException: Token expired: current date/time 1731098245 must be before the expiration date/time 1731095240 (Service: Sts, Status Code: 400, Request ID: 22679931-6a1d-4db3-abd0-a189de181809)',
      source: 'https://github.com/aws/aws-sdk-java-v2/issues/5709',
    },
  },
  {
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml_assertions.html
    subject: 'expired-token',
    word: 'must be redeemed within 5 minutes',
    form: /[Tt]oken must be redeemed within 5 minutes of issuance/,
    explains: 'saml',
    meaning: 'The SAML response was older than five minutes when AWS got it, so no policy was asked.',
    next: [
      hintStep(
        'Sign in again and use the response at once: a tool that opens many roles or renews a session needs a new response for each call that comes later.',
      ),
      hintStep('Compare the clock of the identity provider with this one.', 'date -u'),
    ],
    example: {
      text: 'An error occurred (ExpiredTokenException) when calling the AssumeRoleWithSAML operation: Token must be redeemed within 5 minutes of issuance',
      source: 'https://github.com/Nike-Inc/gimme-aws-creds/issues/251',
    },
  },
  {
    subject: 'expired-token',
    word: 'Token too old',
    form: /ExpiredTokenException.{0,80}Token too old/,
    meaning: 'The token of the identity provider was too old when AWS got it.',
    next: TOKEN,
    example: {
      text: '<Error> <Type>Sender</Type> <Code>ExpiredTokenException</Code> <Message>Token too old: 441398</Message> </Error>',
      source: 'https://github.com/mozilla-iam/mozilla-aws-cli/issues/146',
    },
  },
  {
    subject: 'expired-token',
    word: 'included in the request is expired',
    form: /[Tt]he security token included in the request is expired/,
    meaning: "The caller's session has expired.",
    next: SESSION,
    example: {
      text: 'ERRO[0001] ExpiredToken: The security token included in the request is expired',
      source: 'https://github.com/gruntwork-io/terragrunt/pull/2739',
    },
  },
  {
    subject: 'expired-token',
    word: 'provided token has expired',
    form: /The provided token has expired/,
    meaning: "The caller's session has expired.",
    next: SESSION,
    example: {
      text: 'api error ExpiredToken: The provided token has expired.',
      source: 'https://github.com/hashicorp/terraform/issues/36395',
    },
  },
]
