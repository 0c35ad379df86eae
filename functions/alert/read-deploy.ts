/** What the deploy tools say of a failed deploy beyond its event, and what of that ties a denial to it. */

import { never } from '../domain/base/result.ts'
import { MINUTE_MS } from '../domain/base/time.ts'
import type { Config } from '../domain/config/config.ts'
import { requestKeyOf } from '../domain/denial/fingerprint.ts'
import type { DeployTraces, FailedDeploy } from '../domain/deploy/deploy.ts'
import { type Actors, denialsSaid, type SaidDenial } from '../domain/deploy/deploy-denials.ts'
import type { Findings, Inquiry } from '../domain/deploy/tools/tool.ts'
import { toolOf } from '../domain/deploy/tools/tools.ts'
import type { DeployReader } from '../ports/deploy-reader.ts'
import type { Observer } from '../ports/observer.ts'

export type ReadDeployDeps = {
  readonly reader: DeployReader
  readonly config: Pick<Config, 'deployWindowMinutes'>
  readonly observer: Observer
}

export type ReadDeploy = {
  readonly deploy: FailedDeploy
  readonly said: readonly SaidDenial[]
  readonly actors: Actors
  readonly traces: DeployTraces
  /** The stacks that it deploys, where the tool names them. */
  readonly stackIds: readonly string[]
}

export async function readDeploy(event: FailedDeploy, deps: ReadDeployDeps): Promise<ReadDeploy> {
  const found = await inquire(toolOf(event).why(event), event, deps.reader)
  reportUnread(found, event, deps.observer)
  const { deploy, roles, sessions, via, ownRoles, explained, caller, startedAtMs } = found
  const said = denialsSaid(deploy, [...event.reasons, ...found.reasons])
  const windowMs = deps.config.deployWindowMinutes * MINUTE_MS
  return {
    deploy,
    said,
    actors: { roles, sessions, caller },
    stackIds: found.stackIds,
    traces: {
      said: [...new Set(said.map(({ denial }) => requestKeyOf(denial)))],
      roles,
      sessions,
      via,
      ownRoles,
      fromMs: Math.max(deploy.failedAtMs - windowMs, startedAtMs ?? 0),
      untilMs: deploy.failedAtMs,
      otherwise: explained,
    },
  }
}

/** Asks what the descriptor of the tool wants to know, until it knows enough. */
async function inquire(first: Inquiry, place: FailedDeploy, reader: DeployReader): Promise<Findings> {
  let inquiry = first
  for (;;) {
    switch (inquiry.ask) {
      case 'nothing':
        return inquiry.findings
      case 'stack':
        inquiry = inquiry.next(await reader.stack(place, inquiry.stackId, inquiry.untilMs))
        break
      case 'failed-actions':
        inquiry = inquiry.next(await reader.failedActions(place, inquiry.pipeline, inquiry.executionId))
        break
      case 'log-tails':
        inquiry = inquiry.next(
          await Promise.all(inquiry.logs.map(({ group, stream }) => reader.logTail(place, group, stream))),
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
