/** The CDK, whose credentials are of another account than the stack, or of none. https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-env.html */
import { type HintForm, type HintNames, hintStep } from './hint.ts'

const account = (name: string | undefined, other: string): string =>
  name !== undefined && /^\d{12}$/.test(name) ? name : other

const target = ({ account: name }: HintNames): string => account(name, 'ACCOUNT')

export const CDK_FORMS: readonly HintForm[] = [
  {
    subject: 'other-account',
    word: 'Need to perform AWS calls for account',
    form: /Need to perform AWS calls for account (?<account>[^\s,]{1,40}), but the current credentials are for (?<current>[^\s,"'\]]{1,40})/,
    explains: 'principal',
    meaning: names =>
      `The stack is for account ${account(names['account'], 'A')}, and the credentials are of account ${account(names['current'], 'B')}: the CDK found no role that it may assume between them.`,
    next: names => [
      hintStep('Run the CDK with a profile of the account of the stack.', 'npx cdk deploy --profile PROFILE'),
      hintStep(
        'Or let the other account use the bootstrap roles: bootstrap the account of the stack with --trust, once for each Region, and --trust-for-lookup where stacks look things up.',
        `npx cdk bootstrap aws://${target(names)}/REGION --trust ${account(names['current'], 'OTHER_ACCOUNT')} --cloudformation-execution-policies POLICY_ARN`,
        'an administrator of the account of the stack',
      ),
    ],
    example: {
      text: '[100%] fail: Need to perform AWS calls for account 111122223333, but the current credentials are for 444455556666',
      source: 'https://github.com/aws/aws-cdk/issues/28690',
    },
  },
  {
    subject: 'no-credentials',
    word: 'Need to perform AWS calls for account',
    form: /Need to perform AWS calls for account (?<account>[^\s,]{1,40}), but no credentials (?:have been configured|found)/,
    meaning: names => `The CDK found no credentials at all for account ${account(names['account'], 'of the stack')}.`,
    next: [
      hintStep('See which credentials the AWS CLI finds; the CDK uses the same.', 'aws sts get-caller-identity'),
      hintStep('Sign in, or name the profile.', 'npx cdk deploy --profile PROFILE'),
      hintStep(
        'If the AWS CLI works, the CDK says with --verbose why it took none: an expired session, keys that AWS does not know, or a Region that is not set.',
        'npx cdk deploy --verbose',
      ),
    ],
    example: {
      text: 'Error: Need to perform AWS calls for account 111122223333, but no credentials have been configured.',
      source: 'https://github.com/snap40/serverless-aws-cdk/issues/9',
    },
  },
]
