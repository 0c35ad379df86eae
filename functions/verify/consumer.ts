import type { Work } from '../domain/proposal/index.ts'
import { parseWork, TRIAL_MESSAGE } from '../domain/stored/index.ts'
import type { Observer } from '../ports/observer.ts'

export type ConsumerDeps = {
  readonly pressed: (proposalId: string) => Promise<string>
  readonly verify: (proposalId: string) => Promise<string>
  readonly revert: (proposalId: string) => Promise<string>
  readonly bridge: (proposalId: string) => Promise<string>
  readonly bringHome: (proposalId: string, number: number) => Promise<string>
  readonly lookForRecord: (proposalId: string) => Promise<string>
  readonly observer: Observer
}

/** One message of a queue of `verify`. An unreadable one is reported and dropped: another delivery would be just as unreadable. */
export async function consume(body: string, { observer, ...verbs }: ConsumerDeps): Promise<void> {
  if (body === TRIAL_MESSAGE) return
  const work = parseWork(body)
  const job = work.ok ? jobOf(work.value, verbs) : null
  if (!work.ok || job === null) {
    observer.count('Unreadable')
    observer.log('error', 'message_unreadable', { why: work.ok ? `it asks for ${work.value.kind}` : work.error })
    return
  }
  const { kind } = work.value
  const { proposalId } = job
  try {
    observer.log('info', 'work_done', { kind, proposalId, outcome: await job.run() })
  } catch (error) {
    observer.log('error', 'work_failed', { kind, proposalId, error: String(error) })
    throw error
  }
}

type Job = { readonly proposalId: string; readonly run: () => Promise<string> }

function jobOf(work: Work, verbs: Omit<ConsumerDeps, 'observer'>): Job | null {
  switch (work.kind) {
    case 'pressed':
    case 'verify':
    case 'revert':
    case 'bridge':
      return { proposalId: work.proposalId, run: () => verbs[work.kind](work.proposalId) }
    case 'outcome':
      return { proposalId: work.proposalId, run: () => verbs.bringHome(work.proposalId, work.number) }
    case 'witness':
      return { proposalId: work.proposalId, run: () => verbs.lookForRecord(work.proposalId) }
    default:
      return null
  }
}
