/** `--live` with a build, pipeline, deployment or service: what the alert of the bot would read, with the local AWS credentials. */

import { type AccountRegion, never, UsageError } from '../../core/base/index.ts'
import { parseArn, partitionOfRegion } from '../../core/iam/index.ts'
import { askJson, deployReader, type JsonCall } from '../../functions/adapters/aws/deploy-tools/index.ts'
import { meter } from '../../functions/adapters/aws/iam/index.ts'
import { investigateDeploy } from '../../functions/alert/index.ts'
import { parseDeployEvent } from '../../functions/domain/deploy/index.ts'
import { SILENT_OBSERVER } from '../../functions/ports/index.ts'
import type { ExplainDeployQuestion, LiveRun } from '../use-cases/explain-deploy/question.ts'
import type { StackRun } from '../use-cases/explain-deploy/run-report.ts'
import type { UseCaseWorld } from '../use-cases/world.ts'
import { requireCredentials, requireProfile } from './aws-credentials.ts'
import { localAccess } from './local-access.ts'
import { type Execution, eventOfBuild, eventOfDeployment, eventOfPipeline, eventOfService } from './run-events.ts'

export type NamedRun = Exclude<LiveRun, { readonly kind: 'stack' }>

/** How the account is asked. Tests give their own. */
export type LiveTools = {
  readonly place: AccountRegion
  ask(call: JsonCall): Promise<unknown>
  /** The named execution of a pipeline, or the newest. */
  execution(pipeline: string, id: string | null): Promise<Execution | null>
  readonly reader: Parameters<typeof investigateDeploy>[1]['reader']
}

/** The Region of an ARN, of `--region`, or of the environment. */
export async function liveTools(
  run: LiveRun,
  { access, region: wanted }: Pick<ExplainDeployQuestion, 'access' | 'region'>,
  { env, nowMs: clock }: Pick<UseCaseWorld, 'env' | 'nowMs'>,
): Promise<LiveTools> {
  const nowMs = clock()
  const { profile = null } = access.live ?? {}
  requireProfile(profile, env)
  const region = parseArn(nameOf(run))?.region ?? wanted ?? env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'] ?? null
  if (region === null) throw new UsageError(`--${run.kind} needs --region, or the Region in the environment`)
  const account = localAccess({ ...(profile === null ? {} : { profile }), region })
  await requireCredentials(account.credentials)
  const accountId = await account.accountId(meter(() => {}).ask)
  if (accountId === null) throw new UsageError('AWS does not say which account these credentials are of')
  const place = { accountId, region }
  const { credentials } = account
  return {
    place,
    ask: call => askJson(place, call, credentials, { endpoint: env['AWS_ENDPOINT_URL'] }),
    execution: async (pipeline, id) =>
      (await import('./latest-execution.ts')).latestExecution({ region, credentials }, pipeline, id, nowMs),
    reader: deployReader({ access: () => account }),
  }
}

function nameOf(run: LiveRun): string {
  switch (run.kind) {
    case 'build':
    case 'deployment':
      return run.id
    case 'pipeline':
    case 'stack':
      return run.name
    case 'service':
      return `${run.cluster}/${run.service}`
    default:
      return never(run)
  }
}

/** Empty: it did not fail. Throws UsageError for a run that cannot be read. */
export async function readLiveRun(run: NamedRun, tools: LiveTools, nowMs: number): Promise<readonly StackRun[]> {
  const found = await asked(run, tools, nowMs)
  if (found === undefined) throw new UsageError(`there is no ${run.kind} ${nameOf(run)} in ${tools.place.region}`)
  if (found === null) return []
  const parsed = parseDeployEvent(found)
  if (parsed.kind === 'not-ours') throw new UsageError(`${run.kind} ${nameOf(run)}: ${parsed.why}`)
  const notes: string[] = []
  const observer = {
    ...SILENT_OBSERVER,
    log: (_: string, __: string, { why }: { readonly [name: string]: unknown } = {}) => void notes.push(String(why)),
  }
  // A long window: the run may have failed days ago.
  const deps = { reader: tools.reader, config: { deployWindowMinutes: 60 }, observer }
  const { deploy, reasons, actors, correlation } = await investigateDeploy(parsed.deploy, deps)
  const { kind, name, accountId, region, status, failedAtMs } = deploy
  const [own] = actors.own
  return [
    {
      ...{ tool: kind, name, isStack: false, accountId, region, partition: partitionOfRegion(region), status },
      ...{ atMs: failedAtMs, by: own?.roleArn ?? correlation.roles[0] ?? null },
      reasons,
      own: actors.own,
      ...{ hasLines: true, course: null, deletedRoles: new Map(), notes, live: null },
    },
  ]
}

/** `undefined`: there is no such run. */
async function asked(run: NamedRun, tools: LiveTools, nowMs: number): Promise<object | null | undefined> {
  const { place } = tools
  switch (run.kind) {
    case 'build': {
      const call = { service: 'codebuild', target: 'CodeBuild_20161006.BatchGetBuilds', body: { ids: [run.id] } }
      return eventOfBuild(await readable(run, () => tools.ask(call)), place, nowMs)
    }
    case 'pipeline': {
      const execution = await readable(run, () => tools.execution(run.name, run.execution))
      return execution === null ? undefined : eventOfPipeline(run.name, execution, place)
    }
    case 'deployment': {
      const target = 'CodeDeploy_20141006.GetDeployment'
      const call = { service: 'codedeploy', target, body: { deploymentId: run.id } }
      return eventOfDeployment(await readable(run, () => tools.ask(call)), place, nowMs)
    }
    case 'service': {
      const target = 'AmazonEC2ContainerServiceV20141113.DescribeServices'
      const call = { service: 'ecs', target, body: { cluster: run.cluster, services: [run.service] } }
      return eventOfService(await readable(run, () => tools.ask(call)), place, nowMs)
    }
    default:
      return never(run)
  }
}

/** The one call without which nothing can be said. */
async function readable<T>(run: NamedRun, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new UsageError(`${run.kind} ${nameOf(run)}: ${why}`, { cause })
  }
}
