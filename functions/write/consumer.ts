import { askSchema, MAX_ASK_CHARS, type WriteAsk } from '../domain/authority/checks/input.ts'
import type { WriteOutcome } from '../domain/authority/spent.ts'
import type { Observer } from '../ports/observer.ts'
import { untrustedJson } from './json.ts'

export type ConsumerDeps = { readonly write: (ask: WriteAsk) => Promise<WriteOutcome>; readonly observer: Observer }

/** One message of the write queue. An unreadable one is reported and dropped: another delivery would be just as unreadable. */
export async function consume(body: string, { write, observer }: ConsumerDeps): Promise<void> {
  // `verify` sends it before the change, so that a cold start is over by then (`sqsWriterQueue`).
  if (body === 'wake') return
  const ask = askIn(body)
  if (ask === null) {
    observer.count('Unreadable')
    observer.log('error', 'message_unreadable', { chars: body.length })
    return
  }
  try {
    await write(ask)
  } catch (error) {
    const about = { kind: ask.ask, proposalId: ask.proposalId }
    observer.log('error', 'work_failed', { ...about, error: String(error).slice(0, 1000) })
    throw error
  }
}

export const askIn = (body: string): WriteAsk | null =>
  body.length > MAX_ASK_CHARS ? null : (askSchema.safeParse(untrustedJson(body)).data ?? null)
