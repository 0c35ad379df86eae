/** CloudFormation, and the CDK and SAM over it. */
import * as z from 'zod'
import type { FailedDeploy, FailureReason } from '../deploy.ts'
import { inCourse, ownReasonOfStack, RESOURCE_FAILURES } from './stack-operation.ts'
import {
  type DeployTool,
  type Envelope,
  failedDeploy,
  findings,
  isExplained,
  notOurs,
  optionalText,
  otherStatus,
  type Retry,
  retryByHand,
  retryWith,
  SERVICE_ROLE_SESSION,
  shortText,
} from './tool.ts'

const CLOUDFORMATION = 'cloudformation.amazonaws.com'

const STACK_FAILURES = [
  'CREATE_FAILED',
  'ROLLBACK_IN_PROGRESS',
  'ROLLBACK_COMPLETE',
  'ROLLBACK_FAILED',
  'UPDATE_FAILED',
  'UPDATE_ROLLBACK_IN_PROGRESS',
  'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS',
  'UPDATE_ROLLBACK_COMPLETE',
  'UPDATE_ROLLBACK_FAILED',
  'DELETE_FAILED',
  'IMPORT_ROLLBACK_IN_PROGRESS',
  'IMPORT_ROLLBACK_COMPLETE',
  'IMPORT_ROLLBACK_FAILED',
]

const detail = z.object({
  'stack-id': shortText(1_024),
  'status-details': z.object({ status: z.string().max(64), 'status-reason': optionalText }),
  'client-request-token': optionalText,
  'logical-resource-id': optionalText,
  'resource-type': optionalText,
})

/** `arn:…:stack/<name>/<unique id>` */
const stackName = (stackId: string): string => stackId.split('/')[1] ?? stackId

const readEvent = (failures: readonly string[]) => (event: Envelope, atMs: number) => {
  const read = detail.safeParse(event.detail)
  if (!read.success) return notOurs('a stack event without a stack')
  const { 'stack-id': stackId, 'status-details': details, 'logical-resource-id': resource } = read.data
  if (!failures.includes(details.status)) return otherStatus('stack', details.status)
  const reason = {
    text: details['status-reason'] ?? '',
    resource,
    resourceType: read.data['resource-type'],
    atMs,
  }
  return failedDeploy(event, atMs, {
    kind: cloudformation.kind,
    target: stackId,
    name: stackName(stackId),
    attempt: read.data['client-request-token'] || null,
    status: details.status,
    reasons: resource === null && ownReasonOfStack(reason.text) === null ? [] : [reason],
  })
}

export const cloudformation: DeployTool = {
  kind: 'cloudformation',
  phrase: 'the deploy of stack',
  events: [
    {
      rule: 'stack-failed',
      // https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/event-detail-stack-status-change.html
      pattern: {
        source: ['aws.cloudformation'],
        'detail-type': ['CloudFormation Stack Status Change'],
        detail: { 'status-details': { status: STACK_FAILURES } },
      },
      read: readEvent(STACK_FAILURES),
    },
    {
      // Arrives minutes before the stack's event, with the text of the service that refused.
      rule: 'stack-resource-failed',
      // https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/event-detail-resource-status-change.html
      pattern: {
        source: ['aws.cloudformation'],
        'detail-type': ['CloudFormation Resource Status Change'],
        detail: { 'status-details': { status: RESOURCE_FAILURES } },
      },
      read: readEvent(RESOURCE_FAILURES),
    },
  ],

  why: deploy => ({
    ask: 'stack',
    stackId: deploy.target,
    untilMs: deploy.failedAtMs,
    next(read) {
      // What a stack does not need any more is deleted after the deploy has succeeded, too.
      const isLeftOver = deploy.status === 'DELETE_FAILED' && deploy.reasons.some(({ resource }) => resource !== null)
      if (!read.known)
        return findings(deploy, {
          ...(isLeftOver ? { hasFailed: false } : {}),
          via: CLOUDFORMATION,
          explained: deploy.reasons.length > 0 && isExplained(deploy.reasons),
          unread: read.why,
        })
      const { rootId, roleArn, startedAtMs, reasons, roles: ownRoles, course } = read.value
      const isResource = deploy.reasons.some(({ resource }) => resource !== null)
      const isOver = isResource && (course?.kind === 'succeeded' || (isLeftOver && course === undefined))
      // A resource that is not created any more is not part of a rollback.
      const inOrder = (reason: FailureReason) => (deploy.status === 'CREATE_FAILED' ? reason : inCourse(reason, course))
      return findings(rootOf({ ...deploy, reasons: deploy.reasons.map(inOrder) }, rootId), {
        ...(isOver ? { hasFailed: false } : {}),
        reasons,
        startedAtMs,
        ownRoles,
        stackIds: [...new Set([deploy.target, rootId])],
        roles: roleArn === null ? [] : [roleArn],
        own: roleArn === null ? [] : [{ roleArn, session: SERVICE_ROLE_SESSION }],
        via: roleArn === null ? CLOUDFORMATION : null,
        caller: roleArn === null,
        explained: isExplained([...deploy.reasons, ...reasons]),
      })
    },
  }),

  stackOf: ({ name }) => name,
  explain: ({ name }) => [['--stack', name]],
  inFile: ({ target }) => ({
    ...{ option: '--stack-events', file: 'stack-events.json', parts: [target] },
    command: `cloudformation describe-stack-events --stack-name ${target}`,
  }),
  mayStartProposal: ({ text, resourceType }) => isTextOfType(text, resourceType),
  isAwsText: ({ text, resource, resourceType }) =>
    resource === null && resourceType === null ? !OF_OTHERS.test(text) : isTextOfType(text, resourceType),
  consoleLink: ({ region, target }, home) =>
    `${home}/cloudformation/home?region=${region}#/stacks/events?stackId=${encodeURIComponent(target)}`,
  retry,
}

/** A nested stack is part of the deploy of its root. */
const rootOf = (deploy: FailedDeploy, rootId: string): FailedDeploy =>
  rootId === deploy.target ? deploy : { ...deploy, target: rootId, name: stackName(rootId) }

/**
 * Types whose reasons contain text of others: functions of custom resources and macros, signals to wait conditions, hooks,
 * templates of others, and programs on instances.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-waitcondition.html
 */
const THIRD_PARTY = new Set([
  'AWS::CloudFormation::CustomResource',
  'AWS::CloudFormation::Macro',
  'AWS::CloudFormation::Stack',
  'AWS::CloudFormation::StackSet',
  'AWS::CloudFormation::WaitCondition',
  'AWS::CloudFormation::WaitConditionHandle',
  'AWS::CloudFormation::GuardHook',
  'AWS::CloudFormation::LambdaHook',
  'AWS::ServiceCatalog::CloudFormationProvisionedProduct',
  'AWS::SSM::Association',
])
const isAwsOwn = (type: string | null): boolean => type?.startsWith('AWS::') === true && !THIRD_PARTY.has(type)

/**
 * Words around what a macro or a hook answers: "Transform 111122223333::Tags failed with: …".
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-macros-author.html
 * https://docs.aws.amazon.com/cloudformation-cli/latest/hooks-userguide/lambda-hooks-create-lambda-function.html
 */
const OF_OTHERS = /(?:^|[\s"'(])(?:transform|macro|hook)s?\b/i

/** True where AWS alone writes what is said of a resource of this type. */
export const isTextOfType = (text: string, type: string | null): boolean => isAwsOwn(type) && !OF_OTHERS.test(text)

/**
 * Uses the stack id, because another stack may have the name when the command runs.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html#cfn-console-view-stack-data-resources-status-codes
 */
function retry(deploy: FailedDeploy): Retry {
  const { target, status } = deploy
  switch (status) {
    case 'ROLLBACK_COMPLETE':
    case 'ROLLBACK_FAILED':
      return retryWith(
        'A stack whose creation was rolled back must be deleted before it can be deployed again',
        deploy,
        `cloudformation delete-stack --stack-name ${target}`,
        target,
      )
    // The command waits until the rollback is over.
    case 'ROLLBACK_IN_PROGRESS':
      return retryByHand('Once the rollback is over, delete the stack, then deploy it again.')
    case 'DELETE_FAILED':
      return retryByHand('Delete again what could not be deleted.')
    case 'UPDATE_ROLLBACK_FAILED':
      return retryWith(
        'Finish the rollback, then deploy again',
        deploy,
        `cloudformation continue-update-rollback --stack-name ${target}`,
        target,
      )
    default:
      return retryByHand('Deploy the stack again, as it was deployed before.')
  }
}
