import { never } from '../../core/base/index.ts'
import type { Work } from '../domain/proposal/index.ts'
import { parseWork, TRIAL_MESSAGE } from '../domain/stored/index.ts'
import type { Observer } from '../ports/observer.ts'
import type { FirstLooked } from './first-look.ts'
import type { SuccessLook } from './look-for-success.ts'
import type { Proposed } from './plan.ts'
import type { Renewed } from './renew-grant.ts'
import type { GrantReviewResult } from './review-grant.ts'
import type { Suggested } from './suggest-set.ts'

export type ConsumerDeps = {
  readonly propose: (fingerprint: string) => Promise<Proposed>
  readonly lookFirst: (fingerprint: string) => Promise<FirstLooked>
  readonly announce: (deploy: string) => Promise<void>
  readonly review: (proposalId: string) => Promise<GrantReviewResult>
  readonly suggest: (proposalId: string) => Promise<Suggested>
  readonly renew: (proposalId: string) => Promise<Renewed>
  readonly lookForSuccess: (proposalId: string) => Promise<SuccessLook>
  readonly observer: Observer
}

/** Handles one message of the propose queue. Reports and drops an unreadable one, because another delivery would be unreadable too. */
export async function consume(
  body: string,
  { propose, lookFirst, announce, review, suggest, renew, lookForSuccess, observer }: ConsumerDeps,
): Promise<void> {
  if (body === TRIAL_MESSAGE) return
  const read = parseWork(body)
  const work = read.ok ? proposingWork(read.value) : null
  if (work === null) {
    observer.count('Unreadable')
    observer.log('error', 'message_unreadable', { why: read.ok ? `it asks for ${read.value.kind}` : read.error })
    return
  }
  const { kind, ...about } = work
  try {
    switch (work.kind) {
      case 'announce':
        await announce(work.deploy)
        observer.log('info', 'work_done', { kind, ...about })
        return
      case 'review':
        observer.log('info', 'work_done', { kind, ...about, outcome: await review(work.proposalId) })
        return
      case 'suggest':
        observer.log('info', 'work_done', { kind, ...about, outcome: await suggest(work.proposalId) })
        return
      case 'renew':
        observer.log('info', 'work_done', { kind, ...about, outcome: await renew(work.proposalId) })
        return
      case 'solved':
        observer.log('info', 'work_done', { kind, ...about, outcome: await lookForSuccess(work.proposalId) })
        return
      case 'first-look':
        observer.log('info', 'work_done', { kind, ...about, outcome: await lookFirst(work.fingerprint) })
        return
      case 'propose': {
        const outcome = await propose(work.fingerprint)
        const proposalId = 'proposalId' in outcome ? outcome.proposalId : null
        observer.log('info', 'work_done', { kind: outcome.kind, ...about, proposalId })
        return
      }
      default:
        never(work)
    }
  } catch (error) {
    observer.log('error', 'work_failed', { ...about, error: String(error) })
    throw error
  }
}

type Proposing = Extract<
  Work,
  { kind: 'propose' | 'first-look' | 'announce' | 'review' | 'suggest' | 'renew' | 'solved' }
>

/** Null: the work is for another queue. */
function proposingWork(work: Work): Proposing | null {
  switch (work.kind) {
    case 'propose':
    case 'first-look':
    case 'announce':
    case 'review':
    case 'suggest':
    case 'renew':
    case 'solved':
      return work
    default:
      return null
  }
}
