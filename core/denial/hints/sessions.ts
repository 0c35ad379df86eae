/** How long a session may be, and the Regions of STS. https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
import { type HintForm, hintStep } from './hint.ts'

const ACTIVATE = [
  hintStep(
    'Use STS in another Region: one near by that is active, or us-east-1, which always is.',
    'export AWS_STS_REGIONAL_ENDPOINTS=regional AWS_REGION=us-east-1',
  ),
  hintStep(
    'Or activate it: IAM console, Account settings, Security Token Service. A Region that is off for the account has to be enabled first. In an account that was just created, wait some minutes and repeat.',
    'aws account list-regions --region-opt-status-contains ENABLED ENABLED_BY_DEFAULT',
    'an administrator of the account',
  ),
]

export const SESSION_FORMS: readonly HintForm[] = [
  {
    subject: 'session-duration',
    word: 'MaxSessionDuration',
    form: /[Rr]equested DurationSeconds exceeds (?:the )?MaxSessionDuration set for this role/,
    meaning: 'The session is to be longer than the role allows.',
    next: [
      hintStep(
        'Ask for at most this many seconds: role-duration-seconds, duration_seconds, aws_session_duration, or SessionDuration in the SAML response.',
        'aws iam get-role --role-name ROLE --query Role.MaxSessionDuration',
      ),
      hintStep(
        'Or let the role have longer sessions, up to 43200 seconds.',
        'aws iam update-role --role-name ROLE --max-session-duration 43200',
        'an administrator of the account of the role',
      ),
    ],
    example: {
      text: 'An error occurred (ValidationError) when calling the AssumeRoleWithSAML operation: The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
      source: 'https://github.com/GuildEducationInc/aws-jumpcloud/issues/49',
    },
  },
  {
    subject: 'session-duration',
    word: 'assumed by role chaining',
    form: /exceeds the 1 hour session limit for roles assumed by role chaining/,
    meaning: 'A role that is assumed with the session of another role lasts at most one hour, whatever it allows.',
    next: [
      hintStep('Ask for 3600 seconds or less: role-duration-seconds, duration_seconds or --duration.'),
      hintStep(
        'For longer sessions, assume the role directly from the first identity (a user, a token, Identity Center) instead of from another role or session token.',
        'aws sts get-caller-identity',
      ),
    ],
    example: {
      text: 'ValidationError: The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.',
      source: 'https://github.com/99designs/aws-vault/issues/263',
    },
  },
  {
    subject: 'sts-region',
    word: 'STS is not activated',
    form: /STS is not activated in this region for account/,
    meaning: 'The account has STS switched off in this Region, so nobody can assume a role there.',
    next: ACTIVATE,
    example: {
      text: 'RegionDisabledException: STS is not activated in this region for account:111122223333. Your account administrator can activate STS in this region using the IAM Console.',
      source: 'https://github.com/turbot/steampipe-plugin-aws/issues/1510',
    },
  },
  {
    subject: 'sts-region',
    word: 'malformed or otherwise invalid',
    form: /The provided token is malformed or otherwise invalid/,
    meaning:
      'The session is not valid in this Region: a Region that has to be enabled does not take tokens of the global address of STS, and must be enabled in the account that issued the token too.',
    next: [
      hintStep(
        'Get the session from the Region itself, not from sts.amazonaws.com.',
        'export AWS_STS_REGIONAL_ENDPOINTS=regional',
      ),
      hintStep(
        'See whether the Region is enabled in both accounts.',
        'aws account list-regions --region-opt-status-contains ENABLED ENABLED_BY_DEFAULT',
      ),
    ],
    example: {
      text: 'The provided token is malformed or otherwise invalid',
      source: 'https://github.com/aws/aws-cli/issues/8413',
    },
  },
]
