/** An item whose decision has no valid signature: recorded, counted for the alarm, and never applied. */

import { digestOf } from '../../../core/base/index.ts'
import { entryFor } from '../../domain/audit/index.ts'
import type { Proposal } from '../../domain/proposal/index.ts'
import type { AuditLog } from '../../ports/audit-log.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Observer } from '../../ports/observer.ts'

export type ReportForgeryDeps = {
  readonly audit: Pick<AuditLog, 'append'>
  readonly observer: Observer
  readonly clock: Clock
  readonly botVersion: string
}

/** Said to the person who pressed, and on the card. */
export const FORGED_MESSAGE =
  'This proposal was changed outside of rolemedic, so nothing is done with it. Tell the people who run rolemedic.'

/** Once for each difference, however often it is found. */
export async function reportForgery(proposal: Proposal, why: string, deps: ReportForgeryDeps): Promise<void> {
  deps.observer.log('error', 'item_forged', { proposalId: proposal.id, status: proposal.status, why })
  deps.observer.count('Forged')
  const step = { kind: 'forged' as const, of: digestOf(why).slice(7, 23), atMs: deps.clock(), why }
  await deps.audit.append({ ...entryFor(proposal, step, deps.botVersion), changes: [] })
}
