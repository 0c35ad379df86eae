import { HOUR_MS, MINUTE_MS } from '../../../core/base/index.ts'
import type { Notice } from '../messages/index.ts'
import type { Silence, SilentMember } from './silence.ts'

/** Nobody reads a longer e-mail. `detail` has all of them. */
const MAX_LINES = 50

/** Null: there is nothing new to report. */
export function silenceNotice({ silent, fresh, over }: Silence, nowMs: number): Notice | null {
  if (over)
    return {
      subject: 'rolemedic: every account and Region is heard again',
      text: 'Every account and Region that was silent sends heartbeats again.',
      detail: { schema: 'rolemedic.silence/1', kind: 'heard-again', silent: [] },
    }
  if (fresh.length === 0) return null
  const lines = silent.slice(0, MAX_LINES).map(member => lineOf(member, fresh.includes(member), nowMs))
  const more = silent.length - lines.length
  const what =
    silent.length === 1 ? '1 account and Region is silent' : `${silent.length} accounts and Regions are silent`
  return {
    subject: `rolemedic: ${what}`,
    text: [
      `rolemedic sees no denials from here: ${what}.`,
      ...lines,
      ...(more > 0 ? [`- and ${more} more`] : []),
      'Next: npx rolemedic doctor --live says what is missing there. If it was removed on purpose, name it in heartbeats.retired of the settings. Runbook: docs/runbooks.md#silent-members',
    ].join('\n'),
    detail: {
      schema: 'rolemedic.silence/1',
      kind: 'silent',
      silent: silent.map(({ accountId, region, lastHeardMs }) => ({
        accountId,
        region,
        lastHeardAt: lastHeardMs === null ? null : new Date(lastHeardMs).toISOString(),
      })),
    },
  }
}

function lineOf({ accountId, region, lastHeardMs, lostMs }: SilentMember, isNew: boolean, nowMs: number): string {
  const heard =
    lostMs !== undefined
      ? `heartbeats arrive, and the denial that was made there ${agoInWords(nowMs - lostMs)} ago does not`
      : lastHeardMs === null
        ? 'never heard'
        : `last heard ${agoInWords(nowMs - lastHeardMs)} ago`
  return `- ${accountId} ${region}: ${heard}${isNew ? '' : ' (reported before)'}`
}

export function agoInWords(ms: number): string {
  const minutes = Math.max(0, Math.floor(ms / MINUTE_MS))
  if (minutes < 120) return `${minutes} min`
  const hours = Math.floor(ms / HOUR_MS)
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} days`
}
