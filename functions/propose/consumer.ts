import { parseWork } from '../domain/stored/work-message.ts'
import type { Observer } from '../ports/observer.ts'
import type { Proposed } from './propose.ts'
import type { Reviewed } from './review-grant.ts'

export type ConsumerDeps = {
  readonly propose: (fingerprint: string) => Promise<Proposed>
  readonly announce: (deploy: string) => Promise<void>
  readonly review: (proposalId: string) => Promise<Reviewed>
  readonly observer: Observer
}

/** One message of the propose queue. An unreadable one is reported and dropped: another delivery would be just as unreadable. */
export async function consume(body: string, { propose, announce, review, observer }: ConsumerDeps): Promise<void> {
  const work = parseWork(body)
  if (!work.ok || (work.value.kind !== 'propose' && work.value.kind !== 'announce' && work.value.kind !== 'review')) {
    observer.count('Unreadable')
    observer.log('error', 'message_unreadable', { why: work.ok ? `it asks for ${work.value.kind}` : work.error })
    return
  }
  const { kind, ...about } = work.value
  try {
    if (work.value.kind === 'announce') {
      await announce(work.value.deploy)
      observer.log('info', 'work_done', { kind, ...about })
      return
    }
    if (work.value.kind === 'review') {
      observer.log('info', 'work_done', { kind, ...about, outcome: await review(work.value.proposalId) })
      return
    }
    const outcome = await propose(work.value.fingerprint)
    const proposalId = 'proposalId' in outcome ? outcome.proposalId : null
    observer.log('info', 'work_done', { kind: outcome.kind, ...about, proposalId })
  } catch (error) {
    observer.log('error', 'work_failed', { ...about, error: String(error) })
    throw error
  }
}
