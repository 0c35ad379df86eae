import { EVENT_PATTERNS } from '../denial/cloudtrail/event-patterns.ts'
import { RESOURCE_FAILURES, STACK_FAILURES } from './deploy-events.ts'

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
