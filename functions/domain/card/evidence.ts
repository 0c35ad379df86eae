/** The thread of a card: the exact change, the evidence for the cause, the checks, and the change as code. */
import { code, type RichText, richText, strong } from '../../../core/base/index.ts'
import type { Config } from '../config/index.ts'
import type { Proposal } from '../proposal/index.ts'
import { blastRadius } from './blast-radius.ts'
import { type ShownChange, shownChanges } from './card.ts'
import { type CodeForm, codeForms } from './change-as-code.ts'
import { type CardCheck, checks } from './checks.ts'
import { facts } from './facts.ts'
import { cardAdvice, why } from './reason.ts'

export type CardEvidence = {
  /** The people to mention, and what the card is about. Absent: nobody is mentioned. */
  readonly calls?: { readonly mention: readonly string[]; readonly about: string }
  readonly facts: readonly RichText[]
  readonly why: readonly RichText[]
  readonly steps: readonly RichText[]
  readonly changes: readonly ShownChange[]
  readonly reach: RichText | null
  readonly checks: readonly CardCheck[]
  readonly forms: readonly CodeForm[]
}

export function cardEvidence(proposal: Proposal, config: Config): CardEvidence {
  const { patch, verification, previous } = proposal
  const before =
    previous === null ? [] : [richText`${strong('Before:')} proposal ${code(previous.id)}, ${previous.status}`]
  return {
    facts: [...facts(proposal, config).map(({ label, value }) => richText`${strong(`${label}: `)}${value}`), ...before],
    why: why(proposal),
    steps: cardAdvice(proposal).map(({ text, command }) =>
      command === null ? text : richText`${text} ${code(command)}`,
    ),
    changes: patch === null ? [] : shownChanges(proposal),
    reach: patch === null ? null : blastRadius(patch.changes),
    checks: verification === null ? [] : checks(verification),
    forms: codeForms(proposal),
  }
}
