import * as z from 'zod'
import {
  type DeployTool,
  type Envelope,
  failedDeploy,
  findings,
  isExplained,
  notOurs,
  otherStatus,
  retryWith,
  shortText,
} from './tool.ts'

const detail = z.object({
  appId: z.string().regex(/^d[a-z0-9]{1,19}$/),
  branchName: shortText(255),
  jobId: z.string().regex(/^[0-9]{1,255}$/),
  jobStatus: z.string().max(64),
})

function read(event: Envelope, atMs: number) {
  const parsed = detail.safeParse(event.detail)
  if (!parsed.success) return notOurs('an Amplify event without a job')
  const { appId, branchName, jobId, jobStatus } = parsed.data
  if (jobStatus !== 'FAILED') return otherStatus('Amplify job', jobStatus)
  const target = `${appId}/${branchName}`
  return failedDeploy(event, atMs, { kind: amplify.kind, target, name: target, attempt: jobId, status: jobStatus })
}

/** App and branch. A branch may contain a slash. */
function placeIn(target: string): { readonly app: string; readonly branch: string } {
  const at = target.indexOf('/')
  return { app: target.slice(0, at), branch: target.slice(at + 1) }
}

export const amplify: DeployTool = {
  kind: 'amplify',
  phrase: 'the deployment of Amplify app',
  events: [
    {
      rule: 'amplify-deployment-failed',
      // https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-amplify.html
      pattern: {
        source: ['aws.amplify'],
        'detail-type': ['Amplify Deployment Status Change'],
        detail: { jobStatus: ['FAILED'] },
      },
      read,
    },
  ],
  why: deploy => ({
    ask: 'failed-parts',
    run: { kind: 'amplify-job', ...placeIn(deploy.target), job: deploy.attempt ?? '' },
    next: parts =>
      parts.known
        ? findings(deploy, {
            reasons: parts.value,
            via: 'amplify.amazonaws.com',
            explained: parts.value.length > 0 && isExplained(parts.value),
          })
        : findings(deploy, { unread: parts.why, via: 'amplify.amazonaws.com' }),
  }),
  stackOf: () => null,
  inFile({ target, attempt }) {
    const { app, branch } = placeIn(target)
    return {
      ...{ option: '--log', file: 'job.json', parts: [app, branch, attempt] },
      command: `amplify get-job --app-id ${app} --branch-name ${branch} --job-id ${attempt}`,
    }
  },
  // The commands of a build can write the reason.
  mayStartProposal: () => false,
  consoleLink({ region, target, attempt }, home) {
    const { app, branch } = placeIn(target)
    return `${home}/amplify/apps/${app}/branches/${encodeURIComponent(branch)}/deployments/${attempt ?? ''}?region=${region}`
  },
  retry(deploy) {
    const { app, branch } = placeIn(deploy.target)
    const { attempt } = deploy
    const command = `amplify start-job --app-id ${app} --branch-name ${branch} --job-type RETRY --job-id ${attempt}`
    return retryWith('Run the job again', deploy, command, app, branch, attempt)
  },
}
