/** Tells programs outside what the audit log has recorded since the last time, oldest first. */

import type { AuditRecord } from '../domain/audit/index.ts'
import { NOTICED, recordNotice } from '../domain/audit/index.ts'
import type { Config } from '../domain/config/index.ts'
import { cardOnRecord } from '../domain/messages/index.ts'
import { AUDIT_HEAD, RECORDS_NOTICED } from '../domain/stored/index.ts'
import type { AuditLog } from '../ports/audit-log.ts'
import type { Chat } from '../ports/chat.ts'
import type { Notifier } from '../ports/notifier.ts'
import type { Observer } from '../ports/observer.ts'
import type { ProposalStore } from '../ports/proposal-store.ts'
import type { Keys } from '../ports/signer.ts'

export type SendNoticesDeps = {
  readonly store: Pick<ProposalStore, 'getMarker' | 'putMarker'>
  readonly audit: Pick<AuditLog, 'latest'>
  readonly chat: Pick<Chat, 'permalink'>
  readonly notifier: Notifier
  readonly observer: Observer
  readonly keys: Keys
  readonly config: Pick<Config, 'accounts'>
}

/** The next sweep goes on: one that is late delays no card. */
const MAX_NOTICES = 50

/** A notice is sent before its record is marked: a crash can repeat it, but not lose it. */
export async function sendNotices(deps: SendNoticesDeps): Promise<void> {
  const { store, notifier, observer, keys } = deps
  // Saves reading the log each minute. Nothing is allowed by it.
  const end = (await store.getMarker(AUDIT_HEAD))?.value.sequence ?? 0
  const marked = await store.getMarker(RECORDS_NOTICED)
  // What was recorded before this version is no news.
  if (marked === null) return void (await store.putMarker(RECORDS_NOTICED, 0, { sequence: end }))
  let { version } = marked
  const sent = marked.value.sequence
  if (end <= sent) return
  const ring = await keys.ring()
  let notices = 0
  for (const record of await recordsAfter(sent, deps)) {
    if (notices >= MAX_NOTICES) return
    const { sequence, entry } = record
    const notice = NOTICED.includes(entry.kind) ? recordNotice(record, ring, await factsOf(record, deps)) : null
    if (notice === 'unsigned') {
      observer.log('error', 'record_without_signature', { sequence, kind: entry.kind, proposalId: entry.proposalId })
      observer.count('AuditForeign')
    } else if (notice !== null) {
      await notifier.publish(notice)
      notices += 1
    }
    // Another sweep is ahead of this one.
    if (!(await store.putMarker(RECORDS_NOTICED, version, { sequence }))) return
    version += 1
  }
}

async function recordsAfter(sent: number, { audit }: SendNoticesDeps): Promise<readonly AuditRecord[]> {
  const fresh: AuditRecord[] = []
  for await (const record of audit.latest()) {
    if (record.sequence <= sent) break
    fresh.push(record)
  }
  return fresh.reverse()
}

async function factsOf({ entry: { accountId, card } }: AuditRecord, { chat, config }: SendNoticesDeps) {
  const isNamed = accountId !== null && Object.hasOwn(config.accounts, accountId)
  const accountAlias = (isNamed ? config.accounts[accountId]?.alias : undefined) ?? null
  if (card === undefined) return { accountAlias, link: null }
  try {
    const page = await chat.permalink(cardOnRecord(card))
    return { accountAlias, link: page.known ? page.value : null }
  } catch {
    return { accountAlias, link: null }
  }
}
