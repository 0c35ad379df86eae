/** A denial that only a text reports: its cause may be certain, but that it happened is not. */
import type { Denial } from '../denial/index.ts'
import type { Diagnosis } from './diagnosis.ts'

export const isHearsay = ({ source }: Pick<Denial, 'source'>): boolean => source === 'message'

const NO_RECORD = {
  fact: 'the record of CloudTrail itself',
  why: 'only a text of the failed deploy reports this denial so far',
}

/** Limits the verdict to `likely`. Two approvers may decide, and it is written only after CloudTrail confirms the denial. */
export function asHearsay(diagnosis: Diagnosis): Diagnosis {
  switch (diagnosis.verdict) {
    case 'proved':
      return { ...diagnosis, verdict: 'likely', unknowns: [NO_RECORD, ...diagnosis.unknowns], unconfirmed: true }
    case 'likely':
      return { ...diagnosis, unknowns: [NO_RECORD, ...diagnosis.unknowns] }
    default:
      return diagnosis
  }
}
