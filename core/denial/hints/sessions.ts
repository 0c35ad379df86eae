/** How long a session may be, the Regions of STS, and requests that STS does not take. https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
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

/** The request was not accepted as it was, by STS or by the tool before it: no policy was asked. */
const request = (
  word: string,
  sentence: RegExp,
  meaning: string,
  next: HintForm['next'],
  example: HintForm['example'],
): HintForm => ({ subject: 'sts-request', word, form: sentence, meaning, next, example })

const ROLE_ARN = [
  hintStep(
    'Pass the whole ARN of the role, arn:aws:iam::ACCOUNT:role/PATH/NAME: not its name, nor the ARN of an OIDC provider, an instance profile or a session, without quotes and blanks. A variable or secret that is not set in this job, or a placeholder that nothing replaced, gives the same error.',
  ),
  hintStep('This command prints it.', 'aws iam get-role --role-name ROLE --query Role.Arn --output text'),
]

const SESSION_NAME = [
  hintStep(
    'Set a session name of 2 to 64 letters, digits or _=,.@+-: role-session-name, role_session_name, AWS_ROLE_SESSION_NAME. Names that are made of a branch, a path or a person (dependabot[bot]) hold other characters.',
  ),
]

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const PACKED = [
  hintStep(
    'Pass fewer or shorter session tags, and a shorter session policy; tags that an earlier session passes on count too. configure-aws-credentials on GitHub: role-skip-session-tagging: true.',
  ),
  hintStep(
    'EKS Pod Identity adds six tags of its own, which go on to the next role: without a policy that reads them, switch them off.',
    'aws eks update-pod-identity-association --cluster-name CLUSTER --association-id ID --disable-session-tags',
    'an administrator of the cluster',
  ),
]

const TOO_LARGE = 'Session policy and session tags together are larger than STS allows, so no policy was asked.'

const REQUESTS: readonly HintForm[] = [
  request(
    'of allotted space',
    /Packed (?:size of session tags|policy) consumes \d{1,5}% of allotted space/,
    TOO_LARGE,
    PACKED,
    {
      text: 'PackedPolicyTooLarge: Packed size of session tags consumes 142% of allotted space.',
      source: 'https://github.com/aws-actions/configure-aws-credentials/issues/1803',
    },
  ),
  request(
    'Request ARN is invalid',
    /Request ARN is invalid/,
    'What STS got as the role is not the ARN of a role, so no policy was asked.',
    ROLE_ARN,
    {
      text: 'An error occurred (ValidationError) when calling the AssumeRoleWithWebIdentity operation: Request ARN is invalid',
      source: 'https://github.com/CircleCI-Public/aws-ecr-orb/issues/211',
    },
  ),
  request(
    'Source Account ID is needed',
    /Source Account ID is needed (?:if|because) the Role Name (?:is|was) provided and not the Role A[Rr][Nn]/,
    'role-to-assume is not an ARN, so AWS was not asked.',
    ROLE_ARN,
    {
      text: 'Error: Source Account ID is needed if the Role Name is provided and not the Role Arn.',
      source: 'https://github.com/aws-actions/configure-aws-credentials/blob/main/src/assumeRole.ts',
    },
  ),
  request(
    'RoleArn',
    /minimum field size of 20, AssumeR[A-Za-z]{3,25}Input\.RoleArn|Invalid length for parameter RoleArn, value: \d{1,2}, valid range: 20\b/,
    'What was given as the role is empty, or too short for an ARN, so AWS was not asked.',
    ROLE_ARN,
    {
      text: 'InvalidParameter: 1 validation error(s) found.\\n- minimum field size of 20, AssumeRoleInput.RoleArn.',
      source: 'https://github.com/uswitch/kiam/issues/338',
    },
  ),
  request(
    "'roleArn' failed to satisfy",
    /at 'roleArn' failed to satisfy constraint/,
    'What was given as the role is not the ARN of a role, so no policy was asked.',
    ROLE_ARN,
    {
      text: "ValidationError: 2 validation errors detected: Value '' at 'roleArn' failed to satisfy constraint: Member must have length greater than or equal to 20",
      source: 'https://github.com/newscorpaus/consigliere/issues/18',
    },
  ),
  request(
    'Invalid length for parameter RoleSessionName',
    /Invalid length for parameter RoleSessionName, value: \d{1,6}, valid range: /,
    'The SDK does not take this name of a session, so AWS was not asked.',
    SESSION_NAME,
    {
      text: 'botocore.exceptions.ParamValidationError: Parameter validation failed:\nInvalid length for parameter RoleSessionName, value: 39, valid range: 2-32',
      source: 'https://github.com/boto/boto3/issues/1598',
    },
  ),
  request(
    "'roleSessionName' failed to satisfy",
    /at 'roleSessionName' failed to satisfy constraint/,
    'STS does not take this name of a session, so no policy was asked.',
    SESSION_NAME,
    {
      text: "Could not assume role with OIDC: 1 validation error detected: Value 'dependabot[bot]' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*",
      source: 'https://github.com/aws-actions/configure-aws-credentials/issues/1306',
    },
  ),
]

const NO_REGION = {
  subject: 'sts-region',
  meaning: 'The tool does not know in which Region to call STS, so AWS was not asked.',
  next: [
    hintStep(
      'Name a Region where the role is assumed: AWS_REGION, region of the profile or of the provider. What is made in no Region, such as a role of IAM, brings none along.',
      'export AWS_REGION=us-east-1',
    ),
  ],
} as const

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
  {
    ...NO_REGION,
    word: 'an AWS region is required',
    form: /operation error STS[:] AssumeR[A-Za-z]{1,40}, failed to resolve service endpoint, an AWS region is required/,
    example: {
      text: 'failed to refresh cached credentials, operation error STS: AssumeRole, failed to resolve service endpoint, an AWS region is required, but was not found',
      source: 'https://github.com/crossplane/crossplane/issues/3675',
    },
  },
  {
    ...NO_REGION,
    word: 'could not resolve endpoint, partition',
    form: /could not resolve endpoint, partition: "aws[a-z-]{0,12}", service: "sts", region: ""/,
    example: {
      text: 'connect failed: cannot get terraform setup: failed to use pod service account: unknown endpoint, could not resolve endpoint, partition: "aws", service: "sts", region: "", known: [us-east-1]',
      source: 'https://github.com/crossplane-contrib/provider-jet-aws/issues/176',
    },
  },
  ...REQUESTS,
]
