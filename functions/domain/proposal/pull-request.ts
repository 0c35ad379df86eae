/** What a proposal, and the work that is sent for it, say about its pull request. */
import type { PolicyChange } from '../../../core/patch/index.ts'
import type { CodePlace } from '../../../iac/repository/index.ts'
import type { SignedDecision, SignedObservation } from '../authority/index.ts'
import type { ShownFacts } from './seen.ts'

export const PULL_STATES = ['asked', 'waiting', 'open', 'merged', 'closed', 'current', 'snippet', 'failed'] as const
/**
 * `waiting`: the host cannot be asked now. `current`: the code has the change already. `snippet`: no exact edit, so a person has to
 * add it. `failed`: the host refuses.
 */
export type PullState = (typeof PULL_STATES)[number]

/** As a proposal has it. */
export type PullRequest = {
  readonly state: PullState
  /** Null: not opened. */
  readonly number: number | null
  readonly url: string | null
  /** One line; null: there is nothing to say. */
  readonly why: string | null
  /** The change as code, where it is not edited. */
  readonly snippet: string | null
  /** When `sweep` follows it next; null: never. */
  readonly pollAtMs: number | null
  /** The due time of the proposal at which nothing but this is due; null: there is none. */
  readonly aloneAtMs: number | null
  /** What people were reminded of, before the end of the bridge. */
  readonly reminders: number
  /** Since when the request is allowed without the bridge; null: it is not, or was not asked. */
  readonly coveredSinceMs: number | null
  /** `verify` saw that the code grants the same: the first time, and the last one. Absent: it did not. */
  readonly covered?: readonly SignedObservation[]
}

/**
 * What `publish` is asked. It has no right in IAM, and takes from here neither where it may write nor a text that nobody signed: the
 * repository has to be one of the configuration, what was shown has to have the digests that people signed, and all of it is escaped.
 */
export type PullOrder = {
  readonly proposalId: string
  /** `poll`: only its state, unless it conflicts. */
  readonly wanted: 'open' | 'poll' | 'closed'
  readonly place: CodePlace
  /** As they were approved: their digest is what people signed. */
  readonly changes: readonly PolicyChange[]
  /** `publish` verifies them: nobody else is named as an approver. */
  readonly decisions: readonly SignedDecision[]
  /** Null: a version before this one sent the order. */
  readonly shown: ShownFacts | null
  /** The only thing that is said and not signed. */
  readonly cardUrl: string | null
  /** Which of the reminders before the end of the bridge is due; null: none. */
  readonly reminder: number | null
}

/** What `publish` alone writes, and `sweep` reads. */
export type PullRecord = Pick<PullRequest, 'state' | 'number' | 'url' | 'why' | 'snippet'> & {
  /** It was ordered to be closed: no later order opens it. */
  readonly withdrawn: boolean
  /** The host is not asked before; null: at any time. */
  readonly retryAtMs: number | null
  /** Of the card: a later order may lack it. */
  readonly cardUrl: string | null
  /** Of title and body as they were written last. */
  readonly textDigest: string | null
  /** The last one that `publish` wrote to the branch. Absent: none that it knows of. */
  readonly commit?: string | undefined
  /** Keys of what was said in comments. */
  readonly remarks: readonly string[]
}

export const branchOf = (proposalId: string): string => `rolemedic/${proposalId.replace(/^p-/, '').slice(0, 12)}`

/** A person may still merge or close it. */
export const isPullOpen = ({ state }: Pick<PullRequest, 'state'>): boolean =>
  state === 'asked' || state === 'waiting' || state === 'open'
