import * as z from 'zod'
import { orElse, orNull } from '../../../../core/base/index.ts'
import type { FailedDeploy, FailureReason } from '../deploy.ts'
import { codepipeline } from './codepipeline.ts'
import {
  type DeployTool,
  type Envelope,
  type Findings,
  failedDeploy,
  findings,
  hasDenial,
  type Inquiry,
  identitiesOf,
  logOf,
  mayHideDenial,
  notOurs,
  optionalText,
  otherStatus,
  reasonOf,
  retryWith,
  sessionOfBuild,
  shortText,
} from './tool.ts'

const detail = z.object({
  'build-status': z.string(),
  'project-name': shortText(255),
  'build-id': shortText(512),
  'additional-information': z
    .object({
      initiator: optionalText,
      logs: orNull(z.object({ 'group-name': optionalText, 'stream-name': optionalText })),
      phases: orElse(
        z.array(z.object({ 'phase-status': optionalText, 'phase-context': orElse(z.array(z.string()), []) })),
        [],
      ),
    })
    .catch({ initiator: null, logs: null, phases: [] }),
})

const MAX_REASONS = 20

/** `initiator` of https://docs.aws.amazon.com/codebuild/latest/APIReference/API_Build.html */
const PIPELINE = /^codepipeline\/([A-Za-z0-9.@_-]{1,100})$/

function read(event: Envelope, atMs: number) {
  const parsed = detail.safeParse(event.detail)
  if (!parsed.success) return notOurs('a build event without a build')
  const { 'build-status': status, 'project-name': project, 'build-id': buildId } = parsed.data
  if (status !== 'FAILED') return otherStatus('build', status)
  const { initiator, logs, phases } = parsed.data['additional-information']
  const group = logs?.['group-name'] ?? null
  const stream = logs?.['stream-name'] ?? null
  const contexts = phases.flatMap(phase => phase['phase-context']).filter(text => text.replace(/[:\s]/g, '') !== '')
  // `arn:…:build/<project>:<id>`
  const attempt = buildId.split(':').at(-1) ?? buildId
  const pipeline = PIPELINE.exec(initiator ?? '')?.[1]
  return failedDeploy(event, atMs, {
    kind: codebuild.kind,
    target: project,
    name: project,
    attempt,
    ...(pipeline === undefined
      ? {}
      : { partOf: { kind: codepipeline.kind, target: pipeline }, builds: [`${project}:${attempt}`] }),
    status,
    reasons: contexts.slice(0, MAX_REASONS).map(text => reasonOf(text, atMs)),
    log: group === null || stream === null ? null : { group, stream },
  })
}

/** The stacks that the failed command deploys. The command is in the event, so it is not output of the build. */
const stacksIn = (command: string): readonly string[] =>
  [...command.matchAll(/ --stack-name[ =]["']?([A-Za-z][A-Za-z0-9-]{0,127})(?=["' ]|\.? |\.?$)/g)].map(
    ([, name = '']) => name,
  )

/** A project may log to S3, or nowhere: then nobody can read why. */
export const NO_BUILD_LOG = 'the build has no log in CloudWatch Logs'
const hides = ({ text }: FailureReason): boolean => mayHideDenial(text) && !hasDenial(text)

/** Whose denial a text names matters only if there is one. */
function withRole(deploy: FailedDeploy, read: Partial<Findings>): Inquiry {
  const hasAny = [...deploy.reasons, ...(read.reasons ?? [])].some(({ text }) => hasDenial(text))
  if (deploy.attempt === null || !hasAny) return findings(deploy, read)
  return {
    ask: 'build-roles',
    ids: [`${deploy.target}:${deploy.attempt}`],
    next: builds =>
      findings(deploy, builds.known ? { ...read, own: identitiesOf(builds.value) } : { ...read, unread: builds.why }),
  }
}

export const codebuild: DeployTool = {
  kind: 'codebuild',
  phrase: 'the build of',
  events: [
    {
      rule: 'build-failed',
      // https://docs.aws.amazon.com/codebuild/latest/userguide/sample-build-notifications-ref.html
      pattern: {
        source: ['aws.codebuild'],
        'detail-type': ['CodeBuild Build State Change'],
        detail: { 'build-status': ['FAILED'] },
      },
      read,
    },
  ],

  why(deploy) {
    const found = {
      sessions: deploy.attempt === null ? [] : [sessionOfBuild(deploy.attempt)],
      stackIds: [...new Set(deploy.reasons.flatMap(({ text }) => stacksIn(text)))],
    }
    if (deploy.log === null)
      return withRole(deploy, deploy.reasons.some(hides) ? { ...found, unread: NO_BUILD_LOG } : found)
    return {
      ask: 'log-tails',
      logs: [deploy.log],
      next: ([tail]) => {
        if (tail === undefined) return findings(deploy, found)
        const read = tail.known ? { reasons: [logOf(tail.value, deploy.failedAtMs)] } : { unread: tail.why }
        return withRole(deploy, { ...found, ...read })
      },
    }
  },

  stackOf: () => null,
  explain: ({ target, attempt }) => (attempt === null ? [] : [['--build', `${target}:${attempt}`]]),
  inFile: ({ log }) =>
    log === null
      ? null
      : {
          ...{ option: '--log', file: 'build.log', parts: [log.group.replace(/^\//, ''), log.stream] },
          command: `logs get-log-events --log-group-name ${log.group} --log-stream-name ${log.stream} --query 'events[].[message]' --output text`,
        },
  mayStartProposal: () => true,
  consoleLink({ region, accountId, target, attempt }, home) {
    const [project, build] = [encodeURIComponent(target), encodeURIComponent(`${target}:${attempt ?? ''}`)]
    return `${home}/codesuite/codebuild/${accountId}/projects/${project}/build/${build}/?region=${region}`
  },
  retry: deploy =>
    deploy.partOf === undefined ? retryOfBuild(deploy) : codepipeline.retry({ ...deploy, name: deploy.partOf.target }),
}

const retryOfBuild = (deploy: FailedDeploy) =>
  retryWith(
    'Run the build again',
    deploy,
    `codebuild retry-build --id ${deploy.target}:${deploy.attempt}`,
    deploy.target,
    deploy.attempt,
  )
