/** CloudTrail's record of a call that a text calls refused without naming the permission. */

import { otherDenialOfRecord, principalNamed } from '../../core/denial/index.ts'
import { isPrincipalRole, type MissingPermission, permissionOf } from '../domain/deploy/index.ts'
import type { EventHistory } from '../ports/event-history.ts'
import type { Observer } from '../ports/observer.ts'
import type { Investigation } from './investigate-deploy.ts'

export type RecordedPermissionsDeps = {
  readonly history: () => Promise<Pick<EventHistory, 'search'>>
  readonly observer: Observer
}

/** LookupEvents allows two requests a second, which confirmations need more. */
const MAX_SEARCHES = 2

/**
 * Completes what the texts leave open. A record of the deploy's own principal that is the refused call makes it certain; one that
 * is only of that principal and time stays probable. Records are up to 15 minutes late: a later event of the deploy looks again.
 */
export async function recordedPermissions(
  named: readonly MissingPermission[],
  read: Investigation,
  { history, observer }: RecordedPermissionsDeps,
): Promise<readonly MissingPermission[]> {
  const open = named.filter(({ action }) => action === null)
  const { actors, correlation } = read
  const isKnown = actors.own.length + correlation.roles.length + correlation.sessions.length > 0
  // No record can be that of a deploy whose identity nobody knows.
  if (open.length === 0 || !isKnown) return named
  const searches = searchesFor(open, read)
  const { accountId, region } = read.deploy
  const { fromMs, untilMs } = read.correlation
  const recorded: MissingPermission[] = []
  try {
    const { search } = await history()
    for (const by of searches) {
      const found = await search({ accountId, region }, by, { fromMs, toMs: untilMs })
      if (found.known) recorded.push(...found.value.records.flatMap(record => recordedBy(record, read) ?? []))
    }
  } catch (error) {
    observer.log('warn', 'deploy_records_unread', { error: String(error) })
  }
  return named.map(one => (one.action === null ? completed(one, recorded) : one))
}

function searchesFor(open: readonly MissingPermission[], read: Investigation) {
  const calls = [...new Set(open.flatMap(({ call }) => call?.operation ?? []))].map(eventName => ({ eventName }))
  const sessions = read.actors.own.flatMap(({ session }) => session ?? [])
  const users = [...new Set([...sessions, ...read.correlation.sessions])].map(userName => ({ userName }))
  return (calls.length > 0 ? calls : users).slice(0, MAX_SEARCHES)
}

/** Null: it is not a refused call of the deploy's own principal. */
function recordedBy(record: unknown, { actors, correlation }: Investigation): MissingPermission | null {
  const denial = otherDenialOfRecord(record)
  if (denial === null || denial.principal === null || denial.timeMs === null) return null
  const principal = principalNamed(denial.principal)
  const roles = [...actors.own.map(({ roleArn }) => roleArn), ...correlation.roles]
  const isOwn =
    roles.some(arn => isPrincipalRole(arn, principal)) ||
    (principal.sessionName !== null && correlation.sessions.includes(principal.sessionName))
  return isOwn ? permissionOf({ ...denial, line: 1 }, { place: null, atMs: denial.timeMs }) : null
}

/** Two records that differ complete nothing. */
function completed(one: MissingPermission, recorded: readonly MissingPermission[]): MissingPermission {
  const operation = one.call?.operation ?? null
  const matching = recorded.filter(
    ({ call }) => operation === null || call?.operation?.toLowerCase() === operation.toLowerCase(),
  )
  const [found, ...others] = matching
  if (found === undefined || others.some(other => keyOf(other) !== keyOf(found))) return one
  const { place, line, atMs } = one
  return { ...found, ...{ place, line, atMs }, certainty: operation === null ? 'probable' : 'certain' }
}

const keyOf = ({ action, call, principal, resource }: MissingPermission): string =>
  JSON.stringify([action, call, principal, resource])
