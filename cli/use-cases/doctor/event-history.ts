/** Whether CloudTrail's event history lists the record of a session under the key that it issued: chains of roles rest on it. */

import { setTimeout as sleep } from 'node:timers/promises'
import { HOUR_MS, MINUTE_MS } from '../../../core/base/index.ts'
import { issuedKeyIn, LONGEST_SESSION_MS } from '../../../core/denial/index.ts'
import { eventHistory, historyClients } from '../../../functions/adapters/aws/event-history/index.ts'
import type { EventHistory } from '../../../functions/ports/index.ts'
import { docsPage } from '../../version.ts'
import { type Check, okCheck, warning } from './check.ts'
import type { MemberAccess } from './member-access.ts'

/** A record may be so late. https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events.html */
const LATE_MS = 15 * MINUTE_MS
const TWO_PEOPLE = `cards of roles that other roles enter ask two people (${docsPage('whose-run.md')})`

export const historyOf = ({ credentials }: MemberAccess): Pick<EventHistory, 'search'> =>
  eventHistory({ client: historyClients(() => credentials), sleep: ms => sleep(ms), clock: Date.now })

/** Two requests: any session of the last hours, and the same by its key. */
export async function historyCheck(
  accountId: string,
  region: string,
  nowMs: number,
  history: Pick<EventHistory, 'search'>,
): Promise<Check> {
  const where = `${accountId} ${region}`
  const window = { fromMs: nowMs - 6 * HOUR_MS, toMs: nowMs - LATE_MS }
  const limits = { maxRequests: 1 }
  const any = await history.search({ accountId, region }, { eventName: 'AssumeRole' }, window, limits)
  if (!any.known) return warning('event history', `${where}: not checked: ${any.why}`)
  const issued = any.value.records.flatMap(record => issuedKeyIn(record) ?? [])[0]
  if (issued === undefined)
    return okCheck('event history', `${where}: no session began within 6 h, so that none was looked up by its key`)
  const { key, id, atMs } = issued
  const around = { fromMs: atMs - MINUTE_MS, toMs: Math.min(atMs + LONGEST_SESSION_MS, nowMs) }
  const found = await history.search({ accountId, region }, { resourceName: key }, around, limits)
  if (!found.known) return warning('event history', `${where}: not checked: ${found.why}`)
  return found.value.records.some(record => issuedKeyIn(record)?.id === id)
    ? okCheck('event history', `${where}: the record of a session is found by the key that it issued`)
    : warning('event history', `${where}: the record of session ${id} is not found by its key: ${TWO_PEOPLE}`)
}
