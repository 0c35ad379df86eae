import * as z from 'zod'
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
  application: shortText(255),
  deploymentGroup: shortText(255),
  deploymentId: shortText(255),
  state: z.string(),
})

function read(event: Envelope, atMs: number) {
  const parsed = detail.safeParse(event.detail)
  if (!parsed.success) return notOurs('a deployment event without a deployment')
  const { application, deploymentGroup, deploymentId, state: status } = parsed.data
  if (status !== 'FAILURE') return otherStatus('deployment', status)
  const target = `${application}/${deploymentGroup}`
  return failedDeploy(event, atMs, { kind: codedeploy.kind, target, name: target, attempt: deploymentId, status })
}

export const codedeploy: DeployTool = {
  kind: 'codedeploy',
  phrase: 'the deployment to',
  events: [
    {
      rule: 'deployment-failed',
      // https://docs.aws.amazon.com/codedeploy/latest/userguide/monitoring-cloudwatch-events.html
      pattern: {
        source: ['aws.codedeploy'],
        'detail-type': ['CodeDeploy Deployment State-change Notification'],
        detail: { state: ['FAILURE'] },
      },
      read,
    },
  ],
  why: deploy => ({
    ask: 'failed-parts',
    run: { kind: 'deployment', id: deploy.attempt ?? '' },
    next: parts =>
      findings(deploy, {
        via: 'codedeploy.amazonaws.com',
        ...(parts.known ? { reasons: parts.value } : { unread: parts.why }),
      }),
  }),
  stackOf: () => null,
  explain: ({ attempt }) => (attempt === null ? [] : [['--deployment', attempt]]),
  inFile: ({ attempt }) => ({
    ...{ option: '--log', file: 'deployment.json', parts: [attempt] },
    command: `deploy get-deployment --deployment-id ${attempt}`,
  }),
  mayStartProposal: () => true,
  // A step's own words are those of its script. https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_ErrorInformation.html
  isAwsText: ({ resource }) => resource === null,
  consoleLink: ({ region, attempt }, home) =>
    `${home}/codesuite/codedeploy/deployments/${encodeURIComponent(attempt ?? '')}?region=${region}`,
  retry: () => retryByHand('Retry the deployment in the console.'),
}
