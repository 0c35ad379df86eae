import * as z from 'zod'
import {
  type DeployTool,
  type Envelope,
  failedDeploy,
  findings,
  notOurs,
  optionalText,
  otherStatus,
  reasonOf,
  retryWith,
  shortText,
} from './tool.ts'

const detail = z.object({ eventName: z.string(), deploymentId: shortText(255), reason: optionalText })

function read(event: Envelope, atMs: number) {
  const parsed = detail.safeParse(event.detail)
  const service = event.resources.find(arn => /^arn:[^:]+:ecs:[^:]*:\d{12}:service\//.test(arn))
  if (!parsed.success || service === undefined) return notOurs('a deployment event without a service')
  const { eventName: status, deploymentId, reason } = parsed.data
  if (status !== 'SERVICE_DEPLOYMENT_FAILED') return otherStatus('deployment', status)
  return failedDeploy(event, atMs, {
    kind: ecs.kind,
    target: service,
    name: service.split(':service/')[1] ?? service,
    attempt: deploymentId,
    status,
    reasons: reason === null ? [] : [reasonOf(reason, atMs)],
  })
}

/** Cluster and service from the ARN of the service. */
function placeIn(target: string): { readonly cluster: string; readonly service: string } {
  const [, cluster = '', service = ''] = /^[^/]*:service\/([^/]+)\/(.+)$/.exec(target) ?? []
  return { cluster, service }
}

export const ecs: DeployTool = {
  kind: 'ecs',
  phrase: 'the deployment of ECS service',
  events: [
    {
      rule: 'service-deployment-failed',
      // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_deployment_events.html
      pattern: {
        source: ['aws.ecs'],
        'detail-type': ['ECS Deployment State Change'],
        detail: { eventName: ['SERVICE_DEPLOYMENT_FAILED'] },
      },
      read,
    },
  ],
  why: deploy => ({
    ask: 'failed-parts',
    run: { kind: 'ecs-service', ...placeIn(deploy.target), deployment: deploy.attempt ?? '' },
    next: parts =>
      findings(deploy, {
        via: 'ecs-tasks.amazonaws.com',
        ...(parts.known ? { reasons: parts.value } : { unread: parts.why }),
      }),
  }),
  stackOf: () => null,
  explain({ target }) {
    const { cluster, service } = placeIn(target)
    return [['--service', `${cluster}/${service}`]]
  },
  inFile({ target }) {
    const { cluster, service } = placeIn(target)
    return {
      ...{ option: '--log', file: 'service.json', parts: [cluster, service] },
      command: `ecs describe-services --cluster ${cluster} --services ${service}`,
    }
  },
  mayStartProposal: () => true,
  isAwsText: () => true,
  consoleLink({ region, target }, home) {
    const { cluster, service } = placeIn(target)
    const [inCluster, ofService] = [encodeURIComponent(cluster), encodeURIComponent(service)]
    return `${home}/ecs/v2/clusters/${inCluster}/services/${ofService}/deployments?region=${region}`
  },
  retry(deploy) {
    const { cluster, service } = placeIn(deploy.target)
    return retryWith(
      'Start the service deployment again (after a rollback by ECS, with the new --task-definition)',
      deploy,
      `ecs update-service --cluster ${cluster} --service ${service} --force-new-deployment`,
      cluster,
      service,
    )
  },
}
