/** Identity pools of Cognito. https://docs.aws.amazon.com/cognito/latest/developerguide/iam-roles.html */
import { type HintForm, hintStep } from './hint.ts'

const LOGIN = [
  hintStep(
    'Pass the ID token (getIdToken) in Logins, not the access token, under the name of the provider: cognito-idp.REGION.amazonaws.com/USER_POOL_ID without https.',
  ),
  hintStep(
    'The identity pool has to know this provider and this app client.',
    'aws cognito-identity describe-identity-pool --identity-pool-id POOL',
  ),
]

export const COGNITO_FORMS: readonly HintForm[] = [
  {
    subject: 'cognito-identity-pool',
    word: 'Check assigned IAM roles for this pool',
    form: /Invalid identity pool configuration\. Check assigned IAM roles for this pool/,
    meaning: 'Cognito may not assume the role of the identity pool, or the pool has none for this person.',
    next: [
      hintStep(
        'See which roles the pool has for signed-in people and for guests.',
        'aws cognito-identity get-identity-pool-roles --identity-pool-id POOL',
      ),
      hintStep(
        'The trust policy of the role has to name cognito-identity.amazonaws.com as Federated, allow sts:AssumeRoleWithWebIdentity, and ask for cognito-identity.amazonaws.com:aud = the id of the pool and :amr = authenticated or unauthenticated.',
        'aws iam get-role --role-name ROLE --query Role.AssumeRolePolicyDocument',
        'an administrator of the account',
      ),
    ],
    example: {
      text: 'InvalidIdentityPoolConfigurationException: Invalid identity pool configuration. Check assigned IAM roles for this pool.',
      source: 'https://github.com/amazon-archives/amazon-cognito-auth-js/issues/196',
    },
  },
  {
    subject: 'cognito-identity-pool',
    word: 'InvalidIdentityPoolConfigurationException',
    form: /InvalidIdentityPoolConfigurationException(?:: Missing credentials in config)?/,
    meaning: 'Cognito may not assume the role of the identity pool, or the pool has none for this person.',
    next: [
      hintStep(
        'See which roles the pool has, and that their trust policies let cognito-identity.amazonaws.com in with sts:AssumeRoleWithWebIdentity.',
        'aws cognito-identity get-identity-pool-roles --identity-pool-id POOL',
      ),
    ],
    example: {
      text: 'InvalidIdentityPoolConfigurationException: Missing credentials in config',
      source: 'https://github.com/danilop/LambdAuth/issues/4',
    },
  },
  {
    subject: 'cognito-identity-pool',
    word: 'Access to Role',
    form: /Access to Role '(?![^']{0,200}:role\/)[^' ]{1,200}' is forbidden/,
    meaning: 'What was given as a role of the identity pool is not the ARN of a role.',
    next: [
      hintStep(
        'Pass the whole ARN of the role, arn:aws:iam::ACCOUNT:role/NAME, not its name: Ref of CloudFormation gives the name, Fn::GetAtt with Arn the ARN.',
        'aws iam get-role --role-name ROLE --query Role.Arn --output text',
      ),
    ],
    example: {
      text: "Access to Role 'my-stack-SomeRole-KBKHTR8P6UC2' is forbidden.",
      source: 'https://github.com/aws/aws-sdk-js/issues/908',
    },
  },
  {
    subject: 'cognito-identity-pool',
    word: 'Invalid login token',
    form: /Invalid login token\. (?:Missing a required claim: aud|Issuer doesn't match providerName)/,
    meaning: 'The identity pool does not take this token as a sign-in.',
    next: LOGIN,
    example: {
      text: 'Invalid login token. Missing a required claim: aud',
      source: 'https://github.com/amazon-archives/amazon-cognito-identity-js/issues/12',
    },
  },
  {
    subject: 'cognito-identity-pool',
    word: 'supported provider of this identity pool',
    form: /Token is not from a supported provider of this identity pool/,
    meaning: 'The identity pool does not know the provider or the app client of this token.',
    next: LOGIN,
    example: {
      text: 'Token is not from a supported provider of this identity pool.',
      source: 'https://github.com/amazon-archives/amazon-cognito-identity-js/issues/544',
    },
  },
]
