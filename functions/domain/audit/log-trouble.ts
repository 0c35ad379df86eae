/** What is posted while the audit log takes no record. */
import { MINUTE_MS, neutralText, plural, RolemedicError } from '../../../core/base/index.ts'

/** Null `sinceMs`: the log takes records. Null `postedMs`: nothing was posted. */
export type LogTrouble = { readonly sinceMs: number | null; readonly postedMs: number | null }

/** A single failure is repeated within this time. */
const POST_AFTER_MS = 3 * MINUTE_MS
const POST_AGAIN_MS = 6 * 60 * MINUTE_MS
const MAX_WHY_CHARS = 300

export const isTimeToPost = ({ sinceMs, postedMs }: LogTrouble, nowMs: number): boolean =>
  sinceMs !== null && nowMs >= sinceMs + POST_AFTER_MS && (postedMs === null || nowMs >= postedMs + POST_AGAIN_MS)

/** A record that is in conflict is a trouble of its proposal alone. */
export const isLogTrouble = (error: unknown): boolean =>
  !(error instanceof RolemedicError && error.code === 'audit-conflict')

/** `atLeast`: there may be more. */
export type WaitingForRecord = { readonly denials: number; readonly atLeast: boolean }

export function logTroubleText(error: unknown, sinceMs: number, waiting: WaitingForRecord): string {
  const code = error instanceof RolemedicError ? error.code : null
  const since = `${new Date(sinceMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`
  const reason = neutralText(error instanceof Error ? error.message : String(error), MAX_WHY_CHARS)
  return [
    `Since ${since}, rolemedic ${inWords(code)}. It changes nothing in IAM without a record.`,
    `${waitingInWords(waiting)} Nothing is lost, and all goes on by itself once the log takes records.`,
    `The reason: ${reason}`,
    `What to do: ${code === 'audit-broken' ? 'Audit broken' : 'Audit not written'} in the runbooks.`,
  ].join('\n')
}

export const logWorksText = (): string =>
  'rolemedic writes its audit log again. What waited is recorded now, and goes on.'

function inWords(code: string | null): string {
  switch (code) {
    case 'audit-broken':
      return 'finds its audit log broken: a record is missing or was changed'
    case 'audit-unread':
      return 'cannot read its audit log, and so cannot write it. That is no sign that a record was changed'
    default:
      return 'cannot write its audit log'
  }
}

function waitingInWords({ denials, atLeast }: WaitingForRecord): string {
  const number = `${atLeast ? 'At least ' : ''}${plural(denials, 'denial')}`
  return `${number} ${denials === 1 ? 'waits' : 'wait'} for a record.`
}
