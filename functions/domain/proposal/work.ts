import type { Person } from '../messages/index.ts'
import type { PullOrder } from './pull-request.ts'

/** What one function asks of another, through a queue. */
export type Work =
  | { readonly kind: 'propose'; readonly fingerprint: string }
  /** A new denial: a card without buttons, until `propose` looks at it once IAM has settled. */
  | { readonly kind: 'first-look'; readonly fingerprint: string }
  /** A failed deploy has a cause: cards, alert and notice are to name it. `deploy`: its key in the table. */
  | { readonly kind: 'announce'; readonly deploy: string }
  /** Is the grant used? Asks CloudTrail, and people where it seems not to be. */
  | { readonly kind: 'review'; readonly proposalId: string }
  /** A grant is confirmed: is it the third equal one? */
  | { readonly kind: 'suggest'; readonly proposalId: string }
  /** A grant ends soon: a card that keeps it without an end, if that is offered. */
  | { readonly kind: 'renew'; readonly proposalId: string }
  /** Did the call of an open card succeed later? */
  | { readonly kind: 'solved'; readonly proposalId: string }
  /** Somebody pressed a button: what follows from it is recorded, announced, shown and begun. */
  | { readonly kind: 'pressed'; readonly proposalId: string }
  /** Is what was approved still right? Then `write` is asked. */
  | { readonly kind: 'verify'; readonly proposalId: string }
  /** `write` has answered: `number` of its signed outcome. A hint: what it says is read and verified. */
  | { readonly kind: 'outcome'; readonly proposalId: string; readonly number: number }
  /** Whether CloudTrail has the record of a low-risk denial that was acted on. */
  | { readonly kind: 'witness'; readonly proposalId: string }
  /** `by`: who asks without a card; null or absent when the proposal names who asked. */
  | { readonly kind: 'revert'; readonly proposalId: string; readonly by?: Person | null }
  /** Whether a bridge is needed any more. */
  | { readonly kind: 'bridge'; readonly proposalId: string }
  | { readonly kind: 'publish'; readonly order: PullOrder }
