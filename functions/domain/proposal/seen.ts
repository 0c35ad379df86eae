/** What a card shows, in the forms in which decisions sign it and later functions compare it. */
import { digestOf } from '../../../core/base/index.ts'
import { type Denial, type DeniedRequest, deniedRequest } from '../../../core/denial/index.ts'
import type { Diagnosis } from '../../../core/diagnosis/index.ts'
import { REACH_GUARDRAILS, type Verification } from '../../../core/patch/index.ts'

const MAX_CHARS = 2000
const MAX_SEEN = 100

export type Seen = {
  /** Ids of the findings that warn. */
  readonly findings: readonly string[]
  /** What else becomes possible, in the words of the card. */
  readonly blastRadius: readonly string[]
}

/** Nothing beyond the bounds of a signed statement, which the card does not reach either. */
export function seenOf({ guardrails }: Pick<Verification, 'guardrails'>): Seen {
  const warned = guardrails.filter(({ outcome }) => outcome === 'warn')
  const reach = warned.filter(({ id }) => REACH_GUARDRAILS.includes(id))
  return {
    findings: warned.slice(0, MAX_SEEN).map(({ id }) => id),
    blastRadius: reach.slice(0, MAX_SEEN).map(({ id, detail }) => `${id}: ${detail ?? ''}`.slice(0, MAX_CHARS)),
  }
}

/** What a card says of a change: a decision signs the fingerprint of `request`, and the digest of the rest. */
export type ShownFacts = {
  readonly request: DeniedRequest
  readonly summary: string
  readonly verification: Verification
}

type Analyzed = { readonly denial: Denial; readonly diagnosis: Diagnosis; readonly verification: Verification }

export const shownOf = ({ denial, diagnosis, verification }: Analyzed): ShownFacts => ({
  request: deniedRequest(denial),
  summary: diagnosis.summary,
  verification,
})

export const shownDigestOf = ({ summary, verification }: Omit<ShownFacts, 'request'>): string =>
  digestOf([summary, verification])
