/**
 * One event that a job of any CI system sends with its own credentials: `aws events put-events`, the Action, the GitLab component.
 * Everybody who may put events on the default bus of an account can send it, so it is hearsay: it names nothing of other accounts, starts
 * no proposal, and everything in it may be made up, also its time.
 */

import * as z from 'zod'
import { linkableUrl, orElse, orNull } from '../../../../core/base/index.ts'
import {
  type DeployTool,
  type Envelope,
  failedDeploy,
  findings,
  notOurs,
  otherStatus,
  reasonOf,
  retryByHand,
} from './tool.ts'

export const JOB_SOURCE = 'rolemedic.job'
export const JOB_TYPE = 'Job Failed'
export const JOB_SCHEMA = 'rolemedic.job/1'

/**
 * Fits 256 KB, the limit of an entry of PutEvents before 2026, with characters of 4 bytes.
 * https://aws.amazon.com/blogs/compute/more-room-to-build-serverless-services-now-support-payloads-up-to-1-mb
 */
export const MAX_JOB_LOG_CHARS = 60_000

/** Without spaces, so that a name is no sentence on a card. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._/@:#+-]{0,127}$/

/** The detail of the event, as a sender writes it. */
export const jobEventDetail = z.object({
  schema: z.literal(JOB_SCHEMA),
  status: z.literal('failed'),
  tool: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,31}$/)
    .describe('what ran, such as terraform'),
  name: z.string().regex(NAME).describe('the same for every attempt, such as the repository and the job'),
  run: z.optional(z.string().regex(NAME)).describe('the id of this attempt'),
  runUrl: z.optional(z.string().max(512)).describe('https'),
  log: z.string().describe('the error or the end of the log; the last 60,000 characters are read'),
})
export type JobEventDetail = z.infer<typeof jobEventDetail>

/** What is wrong in an optional member does not hide the failure, and of a long log the end counts. */
const received = jobEventDetail.extend({
  run: orNull(z.string().regex(NAME)),
  runUrl: orNull(z.string().max(512)),
  log: orElse(z.string(), ''),
})

/** Where runs are shown as links. A link to any other host could lead anywhere: its host is only named. */
const RUN_HOSTS: readonly string[] = [
  'github.com',
  'gitlab.com',
  'bitbucket.org',
  'dev.azure.com',
  'app.circleci.com',
  'buildkite.com',
  'app.terraform.io',
  'app.pulumi.com',
]

function read(event: Envelope, atMs: number) {
  const { status: reported } = event.detail
  if (typeof reported === 'string' && reported !== 'failed') return otherStatus('job', reported)
  const parsed = received.safeParse(event.detail)
  if (!parsed.success) return notOurs(`the detail of a job event is not ${JOB_SCHEMA}`)
  const { tool, name, run, runUrl, log, status } = parsed.data
  const address = linkableUrl(runUrl)
  const link = linkableUrl(address, RUN_HOSTS)
  const host = address === null ? [] : [new URL(address).hostname]
  return failedDeploy(event, atMs, {
    kind: job.kind,
    target: `${tool}/${name}`,
    name: `${name} (${[tool, ...host].join(', ')})`,
    attempt: run,
    status: status.toUpperCase(),
    reasons: log === '' ? [] : [reasonOf(log.slice(-MAX_JOB_LOG_CHARS), atMs)],
    ...(link === null ? {} : { link }),
  })
}

export const job: DeployTool = {
  kind: 'job',
  phrase: 'the job',
  events: [
    {
      rule: 'job-failed',
      // https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html
      pattern: { source: [JOB_SOURCE], 'detail-type': [JOB_TYPE], detail: { status: ['failed'] } },
      read,
    },
  ],
  hearsay: 'The job reported it itself: AWS has not confirmed its words.',
  // A denial that its text does not name is not its own.
  why: deploy => findings(deploy, { explained: true }),
  stackOf: () => null,
  mayStartProposal: () => false,
  /** The event history shows what AWS recorded. */
  consoleLink: ({ region, link }, home) =>
    linkableUrl(link, RUN_HOSTS) ?? `${home}/cloudtrailv2/home?region=${region}#/events`,
  retry: () => retryByHand('Run the job again.'),
}
