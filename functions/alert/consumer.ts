import type { Observer } from '../ports/observer.ts'
import type { Alerted } from './alert.ts'

export type TakeDeps = { readonly alert: (event: unknown) => Promise<Alerted>; readonly observer: Observer }

/** One event as text. What cannot be read is told and dropped: another delivery would be as unreadable. */
export async function take(body: string, { alert, observer }: TakeDeps): Promise<void> {
  let event: unknown
  try {
    event = JSON.parse(body)
  } catch {
    observer.count('Unreadable')
    observer.log('error', 'a message that is no event')
    return
  }
  try {
    const outcome = await alert(event)
    observer.log('info', 'event done', { kind: outcome.kind, deploy: 'key' in outcome ? outcome.key : null })
  } catch (error) {
    observer.log('error', 'an event failed and comes again', { error: String(error) })
    throw error
  }
}
