/** SDKs and tools that found no credentials, so that AWS was not asked. https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html */
import { type HintForm, type HintNames, type HintStep, hintStep } from './hint.ts'

const NEXT: readonly HintStep[] = [
  hintStep(
    'See which credentials the AWS CLI finds here, as the same user and in the same shell.',
    'aws sts get-caller-identity',
  ),
  hintStep('On a laptop: sign in, and name the profile.', 'export AWS_PROFILE=PROFILE && aws sso login'),
  hintStep(
    'In a CI job: give the job a role or keys before this step; a new shell, sudo or a container does not have the variables of the one before.',
  ),
  hintStep(
    'On AWS: attach a role to the instance, the task or the service account. From a container on EC2, the metadata of the instance answers only with a hop limit of 2.',
    'aws ec2 modify-instance-metadata-options --instance-id INSTANCE --http-put-response-hop-limit 2',
  ),
]
const MEANING = 'No AWS credentials were found, so AWS was not asked.'

const PROFILES = 'aws configure list-profiles'
const profileName = (names: HintNames): string => {
  const name = names['profile']
  return name === undefined ? 'of this name' : `"${name}"`
}
const profileSteps: readonly HintStep[] = [
  hintStep(
    'See which profiles there are, and use one of them (AWS_PROFILE, --profile, profile in the provider).',
    PROFILES,
  ),
  hintStep(
    'In ~/.aws/config a profile begins with [profile NAME], in ~/.aws/credentials with [NAME], with aws_access_key_id below. In a container or as another user, mount the files or set AWS_CONFIG_FILE.',
  ),
]

/** https://docs.aws.amazon.com/sdkref/latest/guide/feature-assume-role-credentials.html */
const ROLE_PROFILE = {
  next: [
    hintStep(
      'Set source_profile beside role_arn to a profile with keys or a sign-in, or credential_source to Environment, Ec2InstanceMetadata or EcsContainer. A profile may name itself only if it has keys of its own.',
      'aws configure list',
    ),
    hintStep(
      'Where another tool fetches the session (saml2aws, aws-okta, aws-google-auth), keep role_arn out of the profile that the AWS CLI and SDKs read.',
    ),
  ],
}

const form = (
  word: string,
  sentence: RegExp,
  text: string,
  source: string,
  more: Partial<Pick<HintForm, 'meaning' | 'next' | 'unless'>> = {},
): HintForm => ({
  ...{ subject: 'no-credentials', word, form: sentence, meaning: MEANING, next: NEXT },
  ...more,
  example: { text, source },
})

const NO_SOURCE = (names: HintNames): string =>
  `The profile ${profileName(names)} has no credentials with which a role could be assumed, so AWS was not asked.`
const noProfile = (names: HintNames): string => `There is no profile ${profileName(names)}, so AWS was not asked.`
const PROFILE = { meaning: noProfile, next: profileSteps }

/** Kubernetes, Docker and others lose credentials too. */
const ELSEWHERE = /\bgcloud\b|Azure|kubeconfig|GOOGLE_APPLICATION|docker login/i

export const CREDENTIAL_FORMS: readonly HintForm[] = [
  form(
    'Unable to locate credentials',
    /Unable to locate credentials/,
    'Unable to locate credentials. You can configure credentials by running "aws configure".',
    'https://github.com/aws/aws-cli/pull/475',
    { unless: ELSEWHERE },
  ),
  form(
    'valid credential sources',
    /[Nn]o valid credential sources? (?:found )?for (?:AWS Provider|Terraform AWS Provider)/,
    'Error: No valid credential sources found for AWS Provider.',
    'https://github.com/hashicorp/terraform/issues/27046',
  ),
  form(
    'NoCredentialProviders',
    /NoCredentialProviders(?::| -)/,
    'NoCredentialProviders: no valid providers in chain. Deprecated.',
    'https://github.com/kubernetes/kops/issues/1402',
  ),
  form(
    'no EC2 IMDS role found',
    /no EC2 IMDS role found/,
    'Error: no EC2 IMDS role found, operation error ec2imds: GetMetadata, canceled, context deadline exceeded',
    'https://github.com/pulumi/pulumi/issues/10303',
  ),
  form(
    'no EC2 instance role found',
    /EC2RoleRequestError: no EC2 instance role found/,
    'EC2RoleRequestError: no EC2 instance role found',
    'https://github.com/aws/aws-parallelcluster/issues/2116',
  ),
  form(
    'Missing credentials in config',
    /Missing credentials in config/,
    'CredentialsError: Missing credentials in config, if using AWS_CONFIG_FILE, set AWS_SDK_LOAD_CONFIG=1',
    'https://github.com/aws/aws-sdk-js/issues/3665',
  ),
  form(
    'find AWS credentials in environment',
    /Couldn['’]t find AWS credentials in environment/,
    "Couldn't find AWS credentials in environment, credentials file, or IAM role.",
    'https://github.com/Rukenshia/saml2aws-auto/issues/18',
  ),
  form(
    'load credentials from any providers',
    /Could not load credentials from any providers/,
    'Could not load credentials from any providers',
    'https://github.com/serverless/examples/issues/134',
  ),
  form(
    'Failed to load credentials from IMDS',
    /Failed to load credentials from IMDS/,
    'Failed to load credentials from IMDS., com.amazonaws.auth.EC2ContainerCredentialsProviderWrapper: Failed to connect to service endpoint',
    'https://github.com/aws/aws-msk-iam-auth/issues/195',
  ),
  form(
    'from EC2 Instance Metadata Service',
    /Unable to get IAM security credentials from EC2 Instance Metadata Service/,
    'Unable to get IAM security credentials from EC2 Instance Metadata Service.',
    'https://github.com/aws/aws-sdk-net/issues/2455',
  ),
  form(
    'retrieving credentials from container-role',
    /Error when retrieving credentials from container-role: Error retrieving metadata: Received non 200 response/,
    'Error when retrieving credentials from container-role: Error retrieving metadata: Received non 200 response (400) from ECS metadata: {"code":"InvalidIdInRequest","message":"CredentialsV2Request: ID not found"}',
    'https://github.com/aws/amazon-ecs-agent/issues/738',
    {
      meaning: 'The agent of ECS has no credentials for this task: the task role is missing, or ECS may not assume it.',
      next: [
        hintStep(
          'Set taskRoleArn in the task definition, and let ecs-tasks.amazonaws.com into the trust policy of that role.',
          'aws ecs describe-task-definition --task-definition NAME --query taskDefinition.taskRoleArn',
        ),
        hintStep('A stopped or replaced task keeps the old address: start a new one.'),
      ],
    },
  ),
  form(
    'The config profile',
    /The config profile \((?<profile>[^)]{1,80})\) could not be found/,
    'The config profile (docgenerator) could not be found',
    'https://github.com/aws/aws-cli/issues/370',
    PROFILE,
  ),
  form(
    'shared config profile',
    /failed to get shared config profile(?:, (?<profile>[\w.@+-]{1,80}))?/i,
    '│ Error: configuring Terraform AWS Provider: failed to get shared config profile, private-cloud-seeknow',
    'https://github.com/hashicorp/terraform-provider-aws/issues/34444',
    PROFILE,
  ),
  form(
    'found or parsed in shared credentials file',
    /Profile (?<profile>\S{1,80}) could not be found or parsed in shared credentials file/,
    'CredentialsProviderError: Profile test could not be found or parsed in shared credentials file.',
    'https://github.com/aws/aws-sdk-js-v3/issues/4740',
    PROFILE,
  ),
  form(
    'resolve credentials using profile',
    /Could not resolve credentials using profile: \[(?<profile>[^\]]{1,80})\]/,
    'Unable to determine the default AWS account (CredentialsProviderError): Could not resolve credentials using profile: [default] in configuration/credentials file(s).',
    'https://github.com/1Password/shell-plugins/issues/558',
    {
      meaning: names => `The profile ${profileName(names)} leads to no credentials, so AWS was not asked.`,
      next: profileSteps,
    },
  ),
  form(
    'found in assume-role, missing',
    /Partial credentials found in assume-role, missing: (?:source_profile or credential_source|role_arn)/,
    'botocore.exceptions.PartialCredentialsError: Partial credentials found in assume-role, missing: source_profile or credential_source',
    'https://github.com/cevoaustralia/aws-google-auth/issues/222',
    {
      ...ROLE_PROFILE,
      meaning: 'A profile names a role and not with which credentials to assume it, so AWS was not asked.',
    },
  ),
  form(
    'Infinite loop in credential configuration',
    /Infinite loop in credential configuration detected\. Attempting to load from profile (?<profile>[\w.@+/-]{1,80})/,
    'botocore.exceptions.InfiniteLoopConfigError: Infinite loop in credential configuration detected. Attempting to load from profile default which has already been visited.',
    'https://github.com/boto/botocore/issues/1780',
    {
      ...ROLE_PROFILE,
      meaning: names =>
        `source_profile leads back to the profile ${profileName(names)}, which has no keys of its own, so AWS was not asked.`,
    },
  ),
  form(
    'must have credentials',
    /The source profile "(?<profile>[^"]{1,80})" must have credentials/,
    'The source profile "source" must have credentials.',
    'https://github.com/Noovolari/leapp/issues/143',
    { ...ROLE_PROFILE, meaning: NO_SOURCE },
  ),
  form(
    'failed to load assume role',
    /failed to load assume role (?:for )?\S{1,300}, (?:of|source) profile (?<profile>[\w.@+/-]{1,80})/,
    'failed to load assume role arn:aws:iam::111122223333:role/deploy, of profile base, <nil>',
    'https://github.com/aws/aws-sdk-go-v2/pull/3447',
    { ...ROLE_PROFILE, meaning: NO_SOURCE },
  ),
  form(
    'Missing keys aws_access_key_id',
    /Invalid profile \[(?<profile>[^\]]{1,80})\] Missing keys aws_access_key_id/,
    'Awsume error: Invalid profile [default] Missing keys aws_access_key_id, aws_secret_access_key, or credential_source, or credential_process',
    'https://github.com/trek10inc/awsume/issues/127',
    { ...ROLE_PROFILE, meaning: NO_SOURCE },
  ),
  form(
    'available for role assumption',
    /No credentials available for role assumption/,
    'datahub.ingestion.run.pipeline.PipelineInitError: Failed to configure the source (glue): No credentials available for role assumption',
    'https://github.com/datahub-project/datahub/issues/13529',
  ),
]
