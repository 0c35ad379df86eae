import { askSchema, MAX_ASK_CHARS, type WriteAsk } from '../domain/authority/checks/input.ts'
import type { WriteOutcome } from '../domain/authority/spent.ts'
import type { Observer } from '../ports/observer.ts'

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
  const { proposalId } = ask
  try {
    const { result, code } = await write(ask)
    observer.log('info', 'work_done', { kind: ask.ask, proposalId, outcome: result, code })
  } catch (error) {
    observer.log('error', 'work_failed', { kind: ask.ask, proposalId, error: String(error).slice(0, 1000) })
    throw error
  }
}

export function askIn(body: string): WriteAsk | null {
  if (body.length > MAX_ASK_CHARS) return null
  try {
    // A member named __proto__ is read differently by different code: it is left out, and then no digest fits.
    const json: unknown = JSON.parse(body, (key, value: unknown) => (key === '__proto__' ? undefined : value))
    return askSchema.safeParse(json).data ?? null
  } catch {
    return null
  }
}
