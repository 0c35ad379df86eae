import type { AccountUnits } from '../../../ports/access-reader.ts'
import type { ProposalStore } from '../../../ports/proposal-store.ts'
import type { Trial } from '../../../ports/self-test/trial.ts'
import { kmsClient } from '../../aws/signing/kms-client.ts'
import { maySign } from '../../aws/signing/may-sign.ts'
import { type Hearing, hearingTrials } from '../chat/trials.ts'
import { environment } from '../environment.ts'
import { cloudKeys } from '../signing.ts'
import { cloudLedger } from '../writing.ts'
import { bucketTrials } from './bucket.ts'
import { ownTable, publicKeyTrial, sends, unitTrials } from './trials.ts'

type Parts = Hearing & { readonly store: ProposalStore; readonly units: AccountUnits }

export function decideTrials(
  env: NodeJS.ProcessEnv,
  { store, units, ...hearing }: Parts,
  asked: Parameters<typeof hearingTrials>[2],
): readonly Trial[] {
  const { DECISIONS_KEY_ARN: key } = environment(env, ['DECISIONS_KEY_ARN'])
  return [
    ...ownTable('decide', env),
    ['kms:Sign of a decision, as a dry run', () => maySign(kmsClient(), key)],
    publicKeyTrial(cloudKeys(env)),
    ...unitTrials(hearing.config, units, Object.keys(hearing.config.accounts)),
    ...sends(env, 'VERIFY_QUEUE_URL'),
    ...bucketTrials(env, store, cloudLedger(env), { written: ['rejected', 'members'], read: ['members'] }),
    ...hearingTrials(env, hearing, asked),
  ]
}
