import type { Observer } from '../ports/observer.ts'
import type { Alerted } from './alert.ts'

export type ConsumerDeps = { readonly alert: (event: unknown) => Promise<Alerted>; readonly observer: Observer }

/** One event as text. An unreadable one is reported and dropped: another delivery would be just as unreadable. */
export async function consume(body: string, { alert, observer }: ConsumerDeps): Promise<void> {
  let event: unknown
  try {
    event = JSON.parse(body)
  } catch {
    observer.count('Unreadable')
    observer.log('error', 'message_unreadable', { why: 'the message is not JSON' })
    return
  }
  try {
    const outcome = await alert(event)
    observer.log('info', 'event_done', { kind: outcome.kind, deploy: 'key' in outcome ? outcome.key : null })
  } catch (error) {
    observer.log('error', 'event_failed', { error: String(error) })
    throw error
  }
}
