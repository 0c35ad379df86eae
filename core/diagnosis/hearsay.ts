/** A denial that only a text reports: what the policies say of it may be certain, and that it happened is not. */
import type { Denial } from '../denial/index.ts'
import type { Diagnosis } from './diagnosis.ts'

export const isHearsay = ({ source }: Pick<Denial, 'source'>): boolean => source === 'message'

const NO_RECORD = {
  fact: 'the record of CloudTrail itself',
  why: 'only a text of the failed deploy reports this denial so far',
}

/** At most `likely`. Two approvers may decide on it, and it is written only once CloudTrail confirms it. */
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
