/** Which run began a failed deploy of a stack: the call that began it, and the records that issued its key. */

import { parseTime } from '../../core/base/index.ts'
import { type CloudTrailRecord, deniedPrincipal, readCloudTrailRecord, runBehind } from '../../core/denial/index.ts'
import { parseArn } from '../../core/iam/index.ts'
import type { Run } from '../../core/runs/index.ts'
import type { DeployBegun, DeployState } from '../domain/deploy/index.ts'
import type { EventHistory } from '../ports/event-history.ts'
import type { Observer } from '../ports/observer.ts'
import type { ProposalStore } from '../ports/proposal-store.ts'
import { issuedBehind } from '../workflows/denial/ask-chain.ts'
import { changeDeploy } from '../workflows/deploy/deploy-store.ts'
import type { Investigation } from './investigate-deploy.ts'

export type DeployRunDeps = {
  readonly store: Pick<ProposalStore, 'getMarker' | 'putMarker'>
  readonly observer: Observer
  readonly history: () => Promise<Pick<EventHistory, 'search'>>
}

/** For one attempt: two for the call and three for its key; a record that is late is asked for once more, by a later event. */
const MAX_REQUESTS = [5, 4] as const

/** True: it is stored, and the alert can name it. A fault leaves the alert as it is. */
export async function foundRun(state: DeployState, read: Investigation, deps: DeployRunDeps): Promise<boolean> {
  const attempt = state.attempts.at(-1)?.id
  const earlier = state.begun?.attempt === attempt ? state.begun : undefined
  const most = MAX_REQUESTS[earlier?.asked ?? 0]
  if (attempt === undefined || earlier?.run != null || most === undefined || !isOfStack(read)) return false
  const noted = async (run: Run | null): Promise<void> => {
    const begun: DeployBegun = { attempt, asked: (earlier?.asked ?? 0) + 1, run }
    await changeDeploy(state.key, deps.store, now => (now === null ? null : { ...now, begun }))
  }
  try {
    await noted(null)
    const run = await runBegun(read, most, deps)
    if (run !== null) await noted(run)
    return run !== null
  } catch (error) {
    deps.observer.log('warn', 'deploy_run_unread', { deploy: state.key, error: String(error).slice(0, 300) })
    return false
  }
}

const isOfStack = ({ deploy, startedAtMs }: Investigation): boolean =>
  deploy.kind === 'cloudformation' && startedAtMs !== null

/** The calls after which a stack fails, the one of the CDK and SAM first. */
function callsOf({ status }: Investigation['deploy']): readonly string[] {
  if (status.startsWith('DELETE')) return ['DeleteStack']
  return ['ExecuteChangeSet', status.startsWith('UPDATE') ? 'UpdateStack' : 'CreateStack']
}

const BEFORE_MS = 60_000
const AFTER_MS = 10_000

async function runBegun(read: Investigation, most: number, deps: DeployRunDeps): Promise<Run | null> {
  const { deploy, startedAtMs } = read
  const { accountId, region, target } = deploy
  let sent = 0
  const mayRequest = async () => sent < most && ++sent > 0
  const history = await deps.history()
  const window = { fromMs: (startedAtMs ?? 0) - BEFORE_MS, toMs: (startedAtMs ?? 0) + AFTER_MS }
  for (const eventName of callsOf(deploy)) {
    const found = await history.search({ accountId, region }, { eventName }, window, { maxRequests: 1, mayRequest })
    if (!found.known) return null
    const began = found.value.records.filter(record => isCallOfStack(readCloudTrailRecord(record), eventName, read))
    const [record, ...others] = began
    if (record === undefined) continue
    const called = readCloudTrailRecord(record)
    if (others.length > 0 || called?.userIdentity == null) return null
    const caller = {
      principal: deniedPrincipal(called.userIdentity),
      timeMs: parseTime(called.eventTime),
      region,
      partition: parseArn(target)?.partition ?? 'aws',
    }
    const notRead = (why: string) => deps.observer.log('info', 'chain_not_read', { deploy: target, why })
    return runBehind(record, null, await issuedBehind(caller, history, mayRequest, notRead))
  }
  return null
}

/** CloudFormation accepted it, for this stack, with the token of the events of this operation. */
function isCallOfStack(
  record: CloudTrailRecord | null,
  eventName: string,
  { deploy, stackIds }: Investigation,
): boolean {
  if (record === null || record.eventSource !== 'cloudformation.amazonaws.com' || record.eventName !== eventName)
    return false
  const { stackName, clientRequestToken: token } = record.requestParameters ?? {}
  const isOfStack = typeof stackName === 'string' && [deploy.name, deploy.target, ...stackIds].includes(stackName)
  const isOfOperation = typeof token !== 'string' || deploy.attempt === null || token === deploy.attempt
  return record.errorCode === null && isOfStack && isOfOperation
}
