import type { Person } from '../domain/base/person.ts'
import { parseWork } from '../domain/stored/work-message.ts'
import type { Observer } from '../ports/observer.ts'

export type PerformDeps = {
  readonly apply: (proposalId: string) => Promise<string>
  readonly revert: (proposalId: string, by?: Person | null) => Promise<string>
  readonly observer: Observer
}

/** One message of the apply queue. What cannot be read is told and dropped: another delivery would be as unreadable. */
export async function perform(body: string, { apply, revert, observer }: PerformDeps): Promise<void> {
  const work = parseWork(body)
  if (!work.ok || work.value.kind === 'propose') {
    observer.count('Unreadable')
    observer.log('error', 'a message that asks for nothing this function does', {
      why: work.ok ? 'propose' : work.error,
    })
    return
  }
  const { kind, proposalId } = work.value
  try {
    const outcome =
      work.value.kind === 'apply' ? await apply(proposalId) : await revert(proposalId, work.value.by ?? null)
    observer.log('info', 'work done', { kind, proposalId, outcome })
  } catch (error) {
    observer.log('error', 'work failed and comes again', { kind, proposalId, error: String(error) })
    throw error
  }
}
