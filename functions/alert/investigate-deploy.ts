/** Reads from the deploy tools what the event omits, and what links a denial to the deploy. */

import { MINUTE_MS, never } from '../../core/base/index.ts'
import { requestKeyOf } from '../../core/denial/index.ts'
import type { Config } from '../domain/config/index.ts'
import {
  type Actors,
  type CorrelationKeys,
  type DeployPart,
  type FailedDeploy,
  type FailureReason,
  type Findings,
  type Inquiry,
  isOwnDenial,
  type ReportedDenial,
  reportedDenials,
  toolOf,
} from '../domain/deploy/index.ts'
import type { DeployReader } from '../ports/deploy-reader.ts'
import type { Observer } from '../ports/observer.ts'

export type InvestigationDeps = {
  readonly reader: DeployReader
  readonly config: Pick<Config, 'deployWindowMinutes'>
  readonly observer: Observer
}

export type Investigation = {
  readonly deploy: FailedDeploy
  readonly reported: readonly ReportedDenial[]
  /** All of its texts. */
  readonly reasons: readonly FailureReason[]
  readonly actors: Actors
  /** False: it succeeded after all, or nothing shows that it failed. Absent: it failed. */
  readonly hasFailed?: boolean
  /** Why something could not be read. Absent: everything was read. */
  readonly unread?: string | null
  readonly correlation: CorrelationKeys
  /** The deploys that its failed actions ran. Absent: it also failed by something else. */
  readonly ran?: readonly DeployPart[]
  /** The stacks that it deploys, if the tool names them. */
  readonly stackIds: readonly string[]
  /** Null: not known. */
  readonly startedAtMs: number | null
}

export async function investigateDeploy(event: FailedDeploy, deps: InvestigationDeps): Promise<Investigation> {
  const found = await inquire(toolOf(event).why(event), event, deps.reader)
  reportUnread(found, event, deps.observer)
  const { deploy, roles, sessions, own, via, ownRoles, explained, caller, startedAtMs } = found
  const reasons = [...deploy.reasons, ...found.reasons]
  const reported = reportedDenials(deploy, reasons)
  const keysOf = (all: readonly ReportedDenial[]) => [...new Set(all.map(({ denial }) => requestKeyOf(denial)))]
  const ours = reported.filter(one => isOwnDenial(one, deploy, { own, sessions }))
  const requests = keysOf(ours)
  const repeated = keysOf(reported).filter(key => !requests.includes(key))
  const windowMs = deps.config.deployWindowMinutes * MINUTE_MS
  return {
    deploy,
    reported,
    reasons,
    actors: { own, caller },
    hasFailed: found.hasFailed !== false,
    unread: found.unread,
    ...(found.ran === undefined ? {} : { ran: found.ran }),
    stackIds: found.stackIds,
    startedAtMs,
    correlation: {
      requests,
      ...(repeated.length === 0 ? {} : { repeated }),
      roles,
      sessions,
      via,
      ownRoles,
      fromMs: Math.max(deploy.failedAtMs - windowMs, startedAtMs ?? 0),
      untilMs: deploy.failedAtMs,
      explained,
    },
  }
}

/** Answers the queries of the tool's descriptor until it has no more. */
async function inquire(first: Inquiry, where: FailedDeploy, reader: DeployReader): Promise<Findings> {
  let inquiry = first
  for (;;) {
    switch (inquiry.ask) {
      case 'nothing':
        return inquiry.findings
      case 'stack':
        inquiry = inquiry.next(await reader.stack(where, inquiry.stackId, inquiry.untilMs))
        break
      case 'failed-actions':
        inquiry = inquiry.next(await reader.failedActions(where, inquiry.pipeline, inquiry.executionId))
        break
      case 'failed-parts':
        inquiry = inquiry.next(await reader.failedParts(where, inquiry.run, where.failedAtMs))
        break
      case 'build-roles':
        inquiry = inquiry.next(await reader.buildRoles(where, inquiry.ids))
        break
      case 'log-tails':
        inquiry = inquiry.next(
          await Promise.all(inquiry.logs.map(({ group, stream }) => reader.logTail(where, group, stream))),
        )
        break
      default:
        return never(inquiry)
    }
  }
}

const MAX_WHY_CHARS = 300

function reportUnread({ unread }: Findings, { kind }: FailedDeploy, observer: Observer): void {
  if (unread === null) return
  observer.count('DeploysUnread')
  observer.log('warn', 'deploy_unread', { kind, why: unread.slice(0, MAX_WHY_CHARS) })
}
