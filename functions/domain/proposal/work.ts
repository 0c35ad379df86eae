import type { Person } from '../base/person.ts'

/** What one function asks of another, through a queue. */
export type Work =
  | { readonly kind: 'propose'; readonly fingerprint: string }
  | { readonly kind: 'apply'; readonly proposalId: string }
  /** `by`: who asks without a card; null or absent when the proposal names who asked. */
  | { readonly kind: 'revert'; readonly proposalId: string; readonly by?: Person | null }
