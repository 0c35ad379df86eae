import { RESOURCE_FAILURES, STACK_FAILURES } from '../../deploy/deploy-events.ts'
import { DENIAL_ERROR_CODES } from '../parse-denial.ts'
import { roleCallsOf } from '../passed-service/passed-service.ts'

/**
 * The EventBridge rules that bring denials in, by name: the stacks deploy them and `rolemedic patterns` prints them.
 * AWS alone can send events whose source starts with `aws.`, so nobody can hand us a made-up denial.
 * Rules must be in state ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS: STS calls are read-only events.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
 */
export type EventPattern = {
  readonly source: readonly unknown[]
  readonly 'detail-type': readonly ['AWS API Call via CloudTrail']
  readonly detail: { readonly errorCode: readonly string[]; readonly [field: string]: readonly unknown[] }
}

const denied = (
  source: readonly unknown[],
  detail: { readonly [field: string]: readonly unknown[] },
): EventPattern => ({
  source,
  'detail-type': ['AWS API Call via CloudTrail'],
  detail: { errorCode: DENIAL_ERROR_CODES, ...detail },
})

const ANY_SERVICE = [{ prefix: 'aws.' }]
const saying = (...words: readonly string[]) => ({ errorMessage: words.map(text => ({ wildcard: `*${text}*` })) })

export const EVENT_PATTERNS = {
  /** The denial of PassRole is the event of the call that passes the role, whatever the service. */
  'pass-role': denied(ANY_SERVICE, saying(' iam:PassRole')),
  'cross-account-pass-role': denied(ANY_SERVICE, saying('ross-account pass role is not allowed')),
  'service-linked-role': denied(ANY_SERVICE, saying(' iam:CreateServiceLinkedRole')),
  /** Includes sts:TagSession and sts:SetSourceIdentity, which have no event of their own. */
  'assume-role': denied(['aws.sts'], {
    eventSource: ['sts.amazonaws.com'],
    eventName: ['AssumeRole', 'AssumeRoleWithWebIdentity', 'AssumeRoleWithSAML'],
  }),
  /** A service that tries a role on somebody's behalf: Roles Anywhere, CodeBuild. */
  'assume-role-elsewhere': denied(ANY_SERVICE, {
    eventSource: [{ 'anything-but': ['sts.amazonaws.com'] }],
    ...saying(' sts:AssumeRole', ' sts:TagSession', ' sts:SetSourceIdentity'),
  }),
  /** EC2's older form, which says the action in the encoded message alone. */
  'ec2-encoded': denied(['aws.ec2'], {
    eventSource: ['ec2.amazonaws.com'],
    eventName: roleCallsOf('ec2'),
    ...saying('You are not authorized to perform this operation. Encoded'),
  }),
} as const satisfies { readonly [rule: string]: EventPattern }

/**
 * The rules that bring failed deploys to `alert`. Each event is read once more, so that what a pattern cannot say is said there.
 * Where each is documented stands with its reader in `deploy-events.ts`.
 */
export const DEPLOY_PATTERNS = {
  'stack-failed': {
    source: ['aws.cloudformation'],
    'detail-type': ['CloudFormation Stack Status Change'],
    detail: { 'status-details': { status: STACK_FAILURES } },
  },
  /** Tells minutes before the stack does, and in the words of the service that refused. */
  'stack-resource-failed': {
    source: ['aws.cloudformation'],
    'detail-type': ['CloudFormation Resource Status Change'],
    detail: { 'status-details': { status: RESOURCE_FAILURES } },
  },
  'pipeline-failed': {
    source: ['aws.codepipeline'],
    'detail-type': ['CodePipeline Pipeline Execution State Change'],
    detail: { state: ['FAILED'] },
  },
  'build-failed': {
    source: ['aws.codebuild'],
    'detail-type': ['CodeBuild Build State Change'],
    detail: { 'build-status': ['FAILED'] },
  },
  'deployment-failed': {
    source: ['aws.codedeploy'],
    'detail-type': ['CodeDeploy Deployment State-change Notification'],
    detail: { state: ['FAILURE'] },
  },
  'service-deployment-failed': {
    source: ['aws.ecs'],
    'detail-type': ['ECS Deployment State Change'],
    detail: { eventName: ['SERVICE_DEPLOYMENT_FAILED'] },
  },
} as const satisfies { readonly [rule: string]: object }

/** Every rule by name, whatever it feeds. */
export const ALL_PATTERNS: { readonly [rule: string]: object } = { ...EVENT_PATTERNS, ...DEPLOY_PATTERNS }
