import { RolemedicError } from '../../core/base/index.ts'
import type { PullOrder } from '../domain/proposal/index.ts'
import { parseWork, TRIAL_MESSAGE } from '../domain/stored/index.ts'
import type { Observer } from '../ports/observer.ts'
import type { Published } from './publish.ts'

export type ConsumerDeps = {
  readonly publish: (order: PullOrder) => Promise<Published>
  readonly observer: Observer
}

/** One message of the publish queue. An unreadable one is reported and dropped: another delivery would be just as unreadable. */
export async function consume(body: string, { publish, observer }: ConsumerDeps): Promise<void> {
  if (body === TRIAL_MESSAGE) return
  const work = parseWork(body)
  if (!work.ok || work.value.kind !== 'publish') {
    observer.count('Unreadable')
    observer.log('error', 'message_unreadable', { why: work.ok ? `it asks for ${work.value.kind}` : work.error })
    return
  }
  const { order } = work.value
  try {
    const outcome = await publish(order)
    observer.log('info', 'work_done', { kind: 'publish', proposalId: order.proposalId, outcome })
    if (outcome === 'again') throw new RolemedicError('publish-again', 'another worker has stored its record meanwhile')
  } catch (error) {
    observer.log('error', 'work_failed', { kind: 'publish', proposalId: order.proposalId, error: String(error) })
    throw error
  }
}
