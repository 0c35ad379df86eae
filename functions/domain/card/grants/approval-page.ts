/** What the page shows that asks for a passkey. */
import type { RichText } from '../../../../core/base/index.ts'
import type { DecisionNow } from '../../authority/index.ts'
import type { Card } from '../card.ts'
import type { DiffLine } from '../documents.ts'

export type ApprovalPage = Pick<DecisionNow, 'kind' | 'endsAtMs' | 'reason' | 'ticket' | 'pullRequest'> & {
  readonly card: Card
  /** Every document that is changed, with whole lines. */
  readonly changes: readonly { readonly title: RichText; readonly lines: readonly DiffLine[] }[]
  readonly by: string
  readonly challenge: string
  readonly expiresAtMs: number
}

export type PageAnswer =
  | { readonly kind: 'page'; readonly page: ApprovalPage }
  /** Nothing is asked any more. */
  | { readonly kind: 'no'; readonly why: string }
