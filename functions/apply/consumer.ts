import { parseWork } from '../domain/stored/index.ts'
import type { Observer } from '../ports/observer.ts'

export type ConsumerDeps = {
  readonly apply: (proposalId: string) => Promise<string>
  readonly revert: (proposalId: string) => Promise<string>
  readonly bridge: (proposalId: string) => Promise<string>
  readonly observer: Observer
}

/** One message of the apply queue. An unreadable one is reported and dropped: another delivery would be just as unreadable. */
export async function consume(body: string, { observer, ...verbs }: ConsumerDeps): Promise<void> {
  const work = parseWork(body)
  if (!work.ok || (work.value.kind !== 'apply' && work.value.kind !== 'revert' && work.value.kind !== 'bridge')) {
    observer.count('Unreadable')
    observer.log('error', 'message_unreadable', { why: work.ok ? `it asks for ${work.value.kind}` : work.error })
    return
  }
  const { kind, proposalId } = work.value
  try {
    const outcome = await verbs[kind](proposalId)
    observer.log('info', 'work_done', { kind, proposalId, outcome })
  } catch (error) {
    observer.log('error', 'work_failed', { kind, proposalId, error: String(error) })
    throw error
  }
}
