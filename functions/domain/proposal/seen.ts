/** What a verification warns of, in the form in which a person's decision and a later attestation are compared. */
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
