/** Tells the channel whose passkey was enrolled or removed, and by whom. */
import { joined, own, person, type RichText, richText, strong, time } from '../../../../core/base/index.ts'
import { CHAT_NAME } from '../../config/index.ts'
import { unnamed } from '../../messages/index.ts'
import type { NoticeCard } from './notice-card.ts'

export type PasskeyChange = {
  readonly id: string
  readonly what: 'enrolled' | 'confirmed by one person' | 'removed'
  readonly userId: string
  /** Users of the chat, or principals of AWS. */
  readonly confirmedBy: readonly string[]
  /** Null: it does not count. */
  readonly effectiveMs: number | null
  readonly isSynced: boolean
}

export function passkeyNotice({ id, what, userId, confirmedBy, effectiveMs, isSynced }: PasskeyChange): NoticeCard {
  const whose = person(unnamed(userId))
  const by = joined(confirmedBy.map(nameOf), ' and ')
  const isRemoved = what === 'removed'
  return {
    id,
    tone: 'elevated',
    headline: richText`A passkey was ${own(what)}`,
    lines: [
      isRemoved
        ? richText`${strong('Whose:')} ${whose}. Removed by ${by}: nothing more is approved with it.`
        : richText`${strong('Whose:')} ${whose}. Confirmed by ${by}. It ${own(isSynced ? 'may be copied to other devices' : 'stays on one device')}.`,
      ...(what === 'confirmed by one person' ? [[own('It does not count before another person confirms it.')]] : []),
      ...(effectiveMs === null
        ? []
        : [richText`It counts at low risk now, and at every risk from ${time(effectiveMs)} on.`]),
      [own(`If your team did not do this: rolemedic passkeys remove, and look into AWS and ${CHAT_NAME} now.`)],
    ],
    code: null,
    buttons: [],
  }
}

const nameOf = (name: string): RichText => (/^[A-Z0-9]+$/.test(name) ? [person(unnamed(name))] : richText`${name}`)
