import * as z from 'zod'
import { orNull } from '../../../../core/base/index.ts'
import type { BuildRole, FailedAction, OwnIdentity } from '../deploy.ts'
import { cloudformation } from './cloudformation.ts'
import {
  type DeployPart,
  type DeployTool,
  type Envelope,
  failedDeploy,
  findings,
  hasDenial,
  type Inquiry,
  identitiesOf,
  isExplained,
  logOf,
  notOurs,
  otherStatus,
  retryWith,
  SERVICE_ROLE_SESSION,
  sessionOfBuild,
  shortText,
} from './tool.ts'

const detail = z.object({
  pipeline: shortText(100),
  'execution-id': shortText(64),
  state: z.string(),
  'pipeline-execution-attempt': orNull(z.number()),
})

function read(event: Envelope, atMs: number) {
  const parsed = detail.safeParse(event.detail)
  if (!parsed.success) return notOurs('a pipeline event without an execution')
  const { pipeline, 'execution-id': attempt, state: status, 'pipeline-execution-attempt': tries } = parsed.data
  if (status !== 'FAILED') return otherStatus('pipeline', status)
  const retried = tries !== null && tries > 1 ? { retried: tries } : {}
  const { kind } = codepipeline
  return failedDeploy(event, atMs, { kind, target: pipeline, name: pipeline, attempt, status, ...retried })
}

const MAX_LOGS = 3

export const codepipeline: DeployTool = {
  kind: 'codepipeline',
  phrase: 'the run of pipeline',
  events: [
    {
      rule: 'pipeline-failed',
      // https://docs.aws.amazon.com/codepipeline/latest/userguide/detect-state-changes-cloudwatch-events.html
      pattern: {
        source: ['aws.codepipeline'],
        'detail-type': ['CodePipeline Pipeline Execution State Change'],
        detail: { state: ['FAILED'] },
      },
      read,
    },
  ],

  why: event => ({
    ask: 'failed-actions',
    pipeline: event.target,
    executionId: event.attempt ?? '',
    next(read): Inquiry {
      if (!read.known) return findings(event, { unread: read.why })
      const builds = read.value.filter(isBuild)
      const deploy =
        builds.length === 0 ? event : { ...event, builds: builds.flatMap(({ externalId }) => externalId ?? []) }
      const reasons = read.value.flatMap(action => action.reasons)
      const others = read.value.filter(action => !isBuild(action))
      const found = {
        // A build acts with its own role. Denials of its session count even if its log does not name them.
        sessions: builds.flatMap(({ externalId }) => (externalId === null ? [] : [sessionOfBuild(externalId)])),
        roles: others.flatMap(rolesOf),
        own: others.flatMap(identitiesIn),
        stackIds: read.value.flatMap(stackOf),
        ...(read.value.length > 0 && read.value.every(isOfStack) ? { ran: read.value.flatMap(partOf) } : {}),
      }
      const logged = read.value.flatMap(streamOf).slice(0, MAX_LOGS)
      if (builds.length === 0 && logged.length === 0)
        return findings(deploy, { ...found, reasons, explained: !others.some(isOfCommands) && isExplained(reasons) })
      return {
        ask: 'log-tails',
        logs: logged,
        next: tails => {
          // A project that logs elsewhere is no error, because the denials of its session are still found.
          const messages = tails.map((tail, index) =>
            tail.known ? [logOf(tail.value, deploy.failedAtMs, logged[index]?.action)] : [],
          )
          const answer = { ...found, reasons: [...reasons, ...messages.flat()] }
          const ids = builds.flatMap(({ externalId }) => (externalId === null ? [] : [externalId]))
          if (ids.length === 0 || !answer.reasons.some(({ text }) => hasDenial(text))) return findings(deploy, answer)
          return {
            ask: 'build-roles',
            ids,
            next: roles =>
              findings(
                deploy,
                roles.known
                  ? { ...answer, own: [...answer.own, ...builds.flatMap(build => identityOf(build, roles.value))] }
                  : { ...answer, unread: roles.why },
              ),
          }
        },
      }
    },
  }),

  stackOf: () => null,
  explain: ({ target, attempt }) =>
    attempt === null
      ? [['--pipeline', target]]
      : [
          ['--pipeline', target],
          ['--execution', attempt],
        ],
  mayStartProposal: () => true,
  consoleLink: ({ region, target }, home) =>
    `${home}/codesuite/codepipeline/pipelines/${encodeURIComponent(target)}/view?region=${region}`,
  retry: deploy =>
    retryWith(
      'Release the change again',
      deploy,
      `codepipeline start-pipeline-execution --name ${deploy.name}`,
      deploy.name,
    ),
}

const isBuild = ({ provider }: FailedAction): boolean => provider === 'CodeBuild'
/** Commands that the pipeline runs itself, without a project. */
const isOfCommands = ({ provider }: FailedAction): boolean => provider === 'Commands'

const rolesOf = ({ roleArn, stackRoleArn }: FailedAction): readonly string[] =>
  [roleArn, stackRoleArn].filter(arn => arn !== null)

/** AWS does not document CodePipeline's session names. To CloudFormation it passes a role, as other callers do. */
const identitiesIn = ({ action, roleArn, stackRoleArn }: FailedAction): readonly OwnIdentity[] => [
  ...(roleArn === null ? [] : [{ roleArn, session: null, action }]),
  ...(stackRoleArn === null ? [] : [{ roleArn: stackRoleArn, session: SERVICE_ROLE_SESSION, action }]),
]

const identityOf = ({ action, externalId }: FailedAction, roles: readonly BuildRole[]): readonly OwnIdentity[] =>
  identitiesOf(roles.filter(({ id }) => id === externalId)).map(identity => ({ ...identity, action }))

/** A CloudFormation action names its stack. */
const stackOf = ({ externalId }: FailedAction): readonly string[] =>
  externalId?.includes(':stack/') === true ? [externalId] : []

const partOf = (action: FailedAction): readonly DeployPart[] =>
  stackOf(action).flatMap(target =>
    action.startedAtMs === null ? [] : [{ kind: cloudformation.kind, target, fromMs: action.startedAtMs }],
  )
const isOfStack = (action: FailedAction): boolean => partOf(action).length > 0

const LOG_STREAM = /^arn:[^:]+:logs:[^:]*:\d{12}:log-group:([^:]{1,512}):log-stream:([^:]{1,512})$/

/** The log of a build, unless its project configures another one. Commands have the ARN of their log as their id. */
function streamOf(one: FailedAction) {
  const { externalId, action } = one
  if (isOfCommands(one)) {
    const [, group, stream] = LOG_STREAM.exec(externalId ?? '') ?? []
    return group === undefined || stream === undefined ? [] : [{ group, stream, action }]
  }
  if (!isBuild(one)) return []
  const [project = '', stream = ''] = externalId?.split(':') ?? []
  return project === '' || stream === '' ? [] : [{ group: `/aws/codebuild/${project}`, stream, action }]
}
