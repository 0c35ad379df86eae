/** The change to give to an administrator, as the first next step of an answer without proof from policies. */
import type { Denial } from '../../denial/index.ts'
import { callerLabel, type Diagnosis } from '../../diagnosis/index.ts'
import type { HandOver } from '../drafting/hand-over.ts'
import { toAwsCli } from './cli.ts'

export const NOT_VERIFIED = 'Not verified against your policies'

export function withHandOver(denial: Denial, diagnosis: Diagnosis, given: HandOver | null): Diagnosis {
  if (given === null) return diagnosis
  const step =
    given.kind === 'trust'
      ? {
          text: `${NOT_VERIFIED}: the statement that the trust policy most likely lacks is ${JSON.stringify(given.statement)}.`,
          command: null,
          owner: null,
        }
      : {
          text: `${NOT_VERIFIED}: what ${callerLabel(denial)} most likely lacks, and no more, for an administrator to add.`,
          command: toAwsCli(given.change)
            .split('\n')
            .filter(line => line !== '' && !line.startsWith('#'))
            .join(' && '),
          owner: 'an administrator of the account',
        }
  return { ...diagnosis, nextSteps: [step, ...diagnosis.nextSteps] }
}
