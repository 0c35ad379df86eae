import { parseWork } from '../domain/stored/work-message.ts'
import type { Observer } from '../ports/observer.ts'
import type { Proposed } from './propose.ts'

export type TakeDeps = {
  readonly propose: (fingerprint: string) => Promise<Proposed>
  readonly observer: Observer
}

/** One message of the propose queue. What cannot be read is told and dropped: another delivery would be as unreadable. */
export async function take(body: string, { propose, observer }: TakeDeps): Promise<void> {
  const work = parseWork(body)
  if (!work.ok || work.value.kind !== 'propose') {
    observer.count('Unreadable')
    observer.log('error', 'a message that asks for nothing this function does', {
      why: work.ok ? work.value.kind : work.error,
    })
    return
  }
  const { fingerprint } = work.value
  try {
    const outcome = await propose(fingerprint)
    const proposalId = 'proposalId' in outcome ? outcome.proposalId : null
    observer.log('info', 'work done', { kind: outcome.kind, fingerprint, proposalId })
  } catch (error) {
    observer.log('error', 'work failed and comes again', { fingerprint, error: String(error) })
    throw error
  }
}
