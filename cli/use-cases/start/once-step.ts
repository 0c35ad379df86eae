/** What happens to one denial, step by step, and how it ends. */
import type { Denial } from '../../../core/denial/index.ts'
import type { Answer } from '../../../core/iam/index.ts'
import type { AuditRecord, SignedCheckpoint } from '../../../functions/domain/audit/index.ts'
import type { DeployCause, FailedDeploy } from '../../../functions/domain/deploy/index.ts'
import type { Notice } from '../../../functions/domain/messages/index.ts'
import type { Proposal } from '../../../functions/domain/proposal/index.ts'
import type { TemplatePlace } from '../../../iac/needs/index.ts'
import type { PolicyDiff } from '../../../simulator/web-ui/accounts.ts'

export type ButtonName = 'approve' | 'revert'

export type ButtonPress = {
  readonly user: string
  /** False: the card has no such button. */
  readonly found: boolean
  /** What had happened to the proposal of a card without the button; null: it is gone. */
  readonly happened: string | null
  /** What Slack shows to the user alone. */
  readonly reply: string | null
}

/** One request of the proposal, evaluated again. */
export type NeedNow = { readonly denial: Denial; readonly place: TemplatePlace | null; readonly answer: Answer }

export type WhatNext =
  | { readonly kind: 'allowed' | 'no-change' }
  | { readonly kind: 'too-few'; readonly why: string }
  /** Users who may approve, as many as needed; null: one that nobody names. */
  | { readonly kind: 'approve'; readonly users: readonly (string | null)[] }

export type OnceStep =
  | { readonly kind: 'warning'; readonly text: string }
  | {
      readonly kind: 'denial'
      readonly denial: Denial
      /** The time of a record that is processed as if it had just happened. Null: it is recent. */
      readonly originalTime: string | null
      /** The number of further denials in the same file. */
      readonly others: number
    }
  | {
      readonly kind: 'deploy'
      readonly deploy: FailedDeploy
      readonly originalTime: string
      readonly causes: readonly DeployCause[]
    }
  | { readonly kind: 'no-denial' | 'no-failure'; readonly why: string }
  /** The card is posted as `card`; null: none was. */
  | { readonly kind: 'proposal'; readonly proposal: Proposal; readonly card: string | null }
  /** The alert of the deploy in the thread of the card; null: none was posted. */
  | { readonly kind: 'thread'; readonly alert: string | null }
  | { readonly kind: 'notices'; readonly notices: readonly Notice[] }
  | { readonly kind: 'pressed'; readonly button: ButtonName; readonly presses: readonly ButtonPress[] }
  | {
      readonly kind: 'result'
      readonly after: ButtonName
      readonly proposal: Proposal | null
      readonly answer: Answer
      /** Of a card about several requests; else empty. */
      readonly needs: readonly NeedNow[]
      readonly changed: readonly PolicyDiff[]
    }
  | { readonly kind: 'audit'; readonly records: readonly AuditRecord[]; readonly checkpoint: SignedCheckpoint | null }
  | { readonly kind: 'next'; readonly next: WhatNext }

export type OnceEnd =
  /** `asWanted`: the request is allowed, or denied again after a revert. */
  | { readonly kind: 'followed'; readonly asWanted: boolean }
  | { readonly kind: 'not-ours' | 'unreadable'; readonly why: string }
  | { readonly kind: 'no-proposal' }

export type OnceSteps = AsyncGenerator<OnceStep, OnceEnd, void>
