/** Operations of CloudFormation StackSets. Each stack that fails has an event of its own, in its account and Region. */
import * as z from 'zod'
import { isTextOfType } from './cloudformation.ts'
import {
  type DeployTool,
  type Envelope,
  failedDeploy,
  findings,
  notOurs,
  otherStatus,
  retryByHand,
  shortText,
} from './tool.ts'

const detail = z.object({
  'stack-set-arn': shortText(1_024),
  'stack-set-operation-id': shortText(128),
  'status-details': z.object({ status: z.string().max(64) }),
})

/** `arn:…:stackset/<name>:<unique id>` */
const idOf = (arn: string): string => arn.split(':stackset/')[1] ?? arn

function read(event: Envelope, atMs: number) {
  const parsed = detail.safeParse(event.detail)
  if (!parsed.success) return notOurs('a StackSet event without an operation')
  const { 'stack-set-arn': target, 'stack-set-operation-id': attempt, 'status-details': details } = parsed.data
  if (details.status !== 'FAILED') return otherStatus('StackSet operation', details.status)
  const name = idOf(target).split(':')[0] ?? target
  return failedDeploy(event, atMs, { kind: stackSet.kind, target, name, attempt, status: details.status })
}

/** As CloudFormation begins what it says of one resource of a part. https://github.com/aws/copilot-cli/issues/1364 */
const OF_RESOURCE = /^ResourceLogicalId:[A-Za-z0-9]{1,255}, ResourceType:([A-Za-z0-9:]{1,256}), ResourceStatusReason:/

export const stackSet: DeployTool = {
  kind: 'stack-set',
  phrase: 'the operation on StackSet',
  events: [
    {
      rule: 'stack-set-operation-failed',
      // https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/event-detail-stackset-operation-status-change.html
      pattern: {
        source: ['aws.cloudformation'],
        'detail-type': ['CloudFormation StackSet Operation Status Change'],
        detail: { 'status-details': { status: ['FAILED'] } },
      },
      read,
    },
  ],
  why: deploy => ({
    ask: 'failed-parts',
    run: { kind: 'stack-set', stackSet: idOf(deploy.target), operationId: deploy.attempt ?? '' },
    // The denials of a stack are those of its own account, so none is tied to the operation by its time.
    next: parts =>
      parts.known
        ? findings(deploy, { reasons: parts.value, explained: true })
        : findings(deploy, { unread: parts.why, explained: true }),
  }),
  stackOf: () => null,
  inFile: ({ target, attempt }) => ({
    ...{ option: '--log', file: 'results.json', parts: [idOf(target), attempt] },
    command: `cloudformation list-stack-set-operation-results --stack-set-name ${idOf(target)} --operation-id ${attempt}`,
  }),
  // A reason can hold the text of a custom resource.
  mayStartProposal: () => false,
  isAwsText: ({ text }) =>
    text.indexOf('ResourceLogicalId:', 1) === -1 && isTextOfType(text, OF_RESOURCE.exec(text)?.[1] ?? null),
  consoleLink: ({ region, target }, home) =>
    `${home}/cloudformation/home?region=${region}#/stacksets/${encodeURIComponent(idOf(target))}/operations`,
  retry: () => retryByHand('Run the operation of the StackSet again.'),
}
