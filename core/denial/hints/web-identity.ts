/**
 * STS about the token of an OIDC provider: AssumeRoleWithWebIdentity before any policy was asked.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
 */
import { type HintForm, type HintNames, type HintStep, hintStep } from './hint.ts'

const LIST = 'aws iam list-open-id-connect-providers'
const THE_ACCOUNT = 'an administrator of the account of the role'

const shownIssuer = ({ issuer }: HintNames): string => issuer ?? 'the issuer of the token (its iss)'

/** The issuer as an argument of a command. */
const issuerArgument = ({ issuer }: HintNames): string =>
  issuer !== undefined && /^https:\/\/[\w.-]+(?:\/[\w./-]*)?$/.test(issuer) ? issuer.replace(/\/$/, '') : 'ISSUER'

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html */
function missingProvider(names: HintNames): readonly HintStep[] {
  const issuer = issuerArgument(names)
  const create = /oidc\.eks\./.test(issuer)
    ? hintStep(
        'Create the OIDC provider of this cluster in the account of the role.',
        'eksctl utils associate-iam-oidc-provider --cluster CLUSTER --approve',
        THE_ACCOUNT,
      )
    : hintStep(
        'Create the OIDC provider in the account of the role, with exactly this address and the audience of the token.',
        `aws iam create-open-id-connect-provider --url ${issuer} --client-id-list ${audienceOf(issuer)}`,
        THE_ACCOUNT,
      )
  return [
    create,
    hintStep(
      'If the account has the provider, the role that is asked for is in another account: compare the account in the ARN of the role with the account of this list.',
      LIST,
    ),
    ...(/_services\/token$|^https:\/\/(?!token\.actions\.githubusercontent\.com|oidc\.eks\.|gitlab\.com)/.test(issuer)
      ? [
          hintStep(
            'AWS has to reach the issuer from the internet.',
            `curl -sS ${issuer}/.well-known/openid-configuration`,
          ),
        ]
      : []),
  ]
}

function audienceOf(issuer: string): string {
  if (/^https:\/\/gitlab\.com$/.test(issuer)) return 'https://gitlab.com'
  return /token\.actions\.githubusercontent\.com|oidc\.eks\./.test(issuer) ? 'sts.amazonaws.com' : 'AUDIENCE'
}

const AUDIENCE: readonly HintStep[] = [
  hintStep(
    'Compare the aud of the token with the audiences (ClientIDList) of the OIDC provider in IAM: GitHub and EKS use sts.amazonaws.com, GitLab what id_tokens sets as aud.',
    'aws iam get-open-id-connect-provider --open-id-connect-provider-arn PROVIDER_ARN --query ClientIDList',
  ),
  hintStep(
    'Ask for the token with that audience (audience: sts.amazonaws.com in configure-aws-credentials), or add the audience to the provider.',
    'aws iam add-client-id-to-open-id-connect-provider --open-id-connect-provider-arn PROVIDER_ARN --client-id sts.amazonaws.com',
    THE_ACCOUNT,
  ),
]

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc_verify-thumbprint.html */
const THUMBPRINT: readonly HintStep[] = [
  hintStep(
    'Get the thumbprint of the certificate that the issuer has now, and put it into the OIDC provider.',
    'aws iam update-open-id-connect-provider-thumbprint --open-id-connect-provider-arn PROVIDER_ARN --thumbprint-list THUMBPRINT',
    THE_ACCOUNT,
  ),
  hintStep(
    'If only some runs fail, the issuer is changing its certificate: keep the old and the new thumbprint in the list.',
    'aws iam get-open-id-connect-provider --open-id-connect-provider-arn PROVIDER_ARN --query ThumbprintList',
  ),
]

const UNREACHABLE: readonly HintStep[] = [
  hintStep('Run it again: AWS gives up after a few seconds, and most such failures are short.'),
  hintStep(
    'If it stays, AWS cannot read the keys of the issuer: its configuration and its jwks_uri must answer on the internet, without a redirect, with a certificate of a public authority, and hold the key (kid) that signed the token.',
    'curl -sS ISSUER/.well-known/openid-configuration',
  ),
]

export const WEB_IDENTITY_FORMS: readonly HintForm[] = [
  {
    subject: 'no-oidc-provider',
    word: 'OpenIDConnect provider found',
    form: /No OpenIDConnect provider found in (?:your )?account(?: for (?<issuer>[^\s"'<>\\`)]{1,200}))?/,
    meaning: names => `The account of the role has no OIDC provider for ${shownIssuer(names)}.`,
    next: missingProvider,
    example: {
      text: 'Error: No OpenIDConnect provider found in your account for https://token.actions.githubusercontent.com',
      source: 'https://github.com/aws-actions/configure-aws-credentials/issues/280',
    },
  },
  {
    subject: 'audience',
    word: 'ncorrect token audience',
    form: /[Ii]ncorrect token audience/,
    meaning: 'The OIDC provider in IAM does not know the audience (aud) of the token.',
    next: AUDIENCE,
    example: {
      text: 'An error occurred (InvalidIdentityToken) when calling the AssumeRoleWithWebIdentity operation: Incorrect token audience',
      source: 'https://github.com/awslabs/amazon-eks-irsa-cfn/pull/18',
    },
  },
  {
    subject: 'audience',
    word: 'required claim: aud',
    form: /(?<!login token\. )Missing a required claim: aud/,
    unless: /Invalid login token/,
    meaning: 'The token has no audience (aud), so it is no ID token for AWS.',
    next: [
      hintStep(
        "Let the job ask for a token with id_tokens and an aud in GitLab, and give that to AWS: CI_JOB_TOKEN and CI_JOB_JWT are the wrong ones. The provider's audience is the same value.",
        null,
      ),
      ...AUDIENCE.slice(0, 1),
    ],
    example: {
      text: 'An error occurred (InvalidIdentityToken) when calling the AssumeRoleWithWebIdentity operation: Missing a required claim: aud.',
      source: 'https://forum.gitlab.com/t/authenticate-to-aws-using-ci-job-token/59396',
    },
  },
  {
    // https://aws.amazon.com/blogs/modernizing-with-aws/how-to-federate-into-aws-from-azure-devops-using-openid-connect
    subject: 'web-identity-token',
    word: 'System.AccessToken is undefined',
    form: /assume role with OIDC: (?:Error: )?System\.AccessToken is undefined/,
    meaning: 'The task of Azure DevOps could not ask for an OIDC token, so AWS was not asked.',
    next: [
      hintStep(
        'Let the job use the token of the pipeline: tick “Allow scripts to access the OAuth token” of the agent job, which a classic pipeline needs, and update the AWS Toolkit.',
      ),
    ],
    example: {
      text: 'Failed to assume role with OIDC: Error: System.AccessToken is undefined.',
      source: 'https://github.com/aws/aws-toolkit-azure-devops/issues/565',
    },
  },
  {
    subject: 'web-identity-token',
    word: 'not a valid JWT',
    form: /The ID Token provided is not a valid JWT/,
    meaning: 'What STS got as the token is not an ID token that it can read, so no policy was asked.',
    next: [
      hintStep(
        'Pass the ID token of the provider, not its access token, and nothing around it. AWS takes only tokens that are signed with a key pair (RS256, ES256), not with a shared secret.',
      ),
      hintStep(
        'Where a web page asks Cognito for the token, as CloudWatch RUM does with guestRoleArn, the identity pool has to allow the basic (classic) flow.',
        'aws cognito-identity describe-identity-pool --identity-pool-id POOL --query AllowClassicFlow',
      ),
      hintStep(
        'The first part of the token, decoded, has to be a header with alg and kid.',
        'cut -d. -f1 "$AWS_WEB_IDENTITY_TOKEN_FILE" | tr _- /+ | base64 -d',
      ),
    ],
    example: {
      text: 'WebIdentityErr: failed to retrieve credentials caused by: InvalidIdentityToken: The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)',
      source: 'https://github.com/aws-observability/aws-rum-web/blob/main/docs/cdn_troubleshooting.md',
    },
  },
  {
    subject: 'provider-certificate',
    word: 'configured thumbprint',
    form: /OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint/,
    meaning: 'The certificate of the issuer matches no thumbprint of the OIDC provider in IAM.',
    next: THUMBPRINT,
    example: {
      text: "OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint",
      source: 'https://github.com/aws-actions/configure-aws-credentials/issues/357',
    },
  },
  {
    subject: 'provider-unreachable',
    word: 'retrieve verification key',
    form: /[Cc]ouldn't retrieve verification key from your identity provider/,
    meaning: 'AWS could not read the keys with which the identity provider signs its tokens.',
    next: UNREACHABLE,
    example: {
      text: "An error occurred (InvalidIdentityToken) when calling the AssumeRoleWithWebIdentity operation: Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements",
      source: 'https://github.com/aws/aws-cli/issues/7194',
    },
  },
]
