/** Records and counts an item whose decision has no valid signature. It is never applied. */

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

/** Shown to the person who pressed the button, and on the card. */
export const FORGED_MESSAGE =
  'This proposal was changed outside of rolemedic, so nothing is done with it. Tell the people who run rolemedic.'

/** Once per difference, however often it is found. */
export async function reportForgery(proposal: Proposal, why: string, deps: ReportForgeryDeps): Promise<void> {
  deps.observer.log('error', 'item_forged', { proposalId: proposal.id, status: proposal.status, why })
  deps.observer.count('Forged')
  const step = { kind: 'forged' as const, of: digestOf(why).slice(7, 23), atMs: deps.clock(), why }
  await deps.audit.append({ ...entryFor(proposal, step, deps.botVersion), changes: [] })
}
