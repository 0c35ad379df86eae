import type { Observer } from '../ports/observer.ts'
import type { Alerted } from './alert.ts'

export type ConsumerDeps = { readonly alert: (event: unknown) => Promise<Alerted>; readonly observer: Observer }

/** Handles one event. Reports and drops an unreadable one, because another delivery would be unreadable too. */
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
