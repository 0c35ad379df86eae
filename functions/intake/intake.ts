/** Is it ours, and have we seen it? Each denial is counted once, and asks at most once a minute for a look at it. */

import { never } from '../domain/base/result.ts'
import { recordsIn, recordsOf } from '../domain/denial/cloudtrail/records.ts'
import type { ParsedDenial } from '../domain/denial/denial.ts'
import type { AwsExplanations } from '../ports/aws-explanations.ts'
import { readRecord } from '../workflows/denial/decode-record.ts'
import { type TakeDenialDeps, type TakenDenial, takeDenial } from '../workflows/denial/ingest-denial.ts'
import { rememberedTurns } from './counter-cache.ts'

export type IntakeDeps = TakeDenialDeps & {
  /** Decodes the older form of EC2's denials; without it they are counted and left. */
  readonly explanations?: Pick<AwsExplanations, 'decode'>
}

export type Taken = TakenDenial | { readonly kind: 'not-ours' | 'unreadable'; readonly why: string }

/** Takes the body of one queue message, or what was parsed from it: an EventBridge event, or anything else that holds CloudTrail records. */
export function makeIntake(given: IntakeDeps): (message: unknown) => Promise<readonly Taken[]> {
  const deps = { ...given, store: rememberedTurns(given.store) }
  return async message => {
    const records = typeof message === 'string' ? recordsIn(message) : recordsOf(message)
    if (!records.ok) {
      // Another delivery would be as unreadable: it is told, and not tried again.
      deps.observer.count('Unreadable')
      deps.observer.log('error', 'a message that holds no CloudTrail record', { why: records.error })
      return [{ kind: 'unreadable', why: records.error }]
    }
    const taken: Taken[] = []
    for (const record of records.value) taken.push(await takeRecord(record, deps))
    return taken
  }
}

async function takeRecord(record: unknown, deps: IntakeDeps): Promise<Taken> {
  const parsed = await readWhole(record, deps)
  switch (parsed.kind) {
    case 'denial':
      return takeDenial(parsed.denial, deps)
    case 'not-ours':
      deps.observer.count('NotOurs')
      deps.observer.log('info', 'not ours', { why: parsed.why })
      return parsed
    case 'unreadable':
      deps.observer.count('Unreadable')
      deps.observer.log('warn', 'unreadable', { why: parsed.why })
      return parsed
    default:
      return never(parsed)
  }
}

async function readWhole(record: unknown, { explanations, observer }: IntakeDeps): Promise<ParsedDenial> {
  const { parsed, unread } = await readRecord(record, explanations ?? null)
  if (unread !== null) {
    observer.count('EncodedMessagesUnread')
    observer.log('warn', 'an encoded message could not be decoded', { why: unread })
  }
  return parsed
}
