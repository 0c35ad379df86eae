import type { Config } from '../../../domain/config/index.ts'
import type { AccountUnits } from '../../../ports/access-reader.ts'
import type { Chat } from '../../../ports/chat.ts'
import type { ProposalStore } from '../../../ports/proposal-store.ts'
import type { Trial } from '../../../ports/self-test/trial.ts'
import { chatTrials } from '../chat/trials.ts'
import { environment } from '../environment.ts'
import { cloudKeys } from '../signing.ts'
import { bucketTrials } from './bucket.ts'
import { accountsToTry, ownTable, publicKeyTrial, sends, unitTrials } from './trials.ts'

type Parts = {
  readonly config: Config
  readonly store: ProposalStore
  readonly chat: Chat
  readonly units: AccountUnits
}

export async function sweepTrials(
  env: NodeJS.ProcessEnv,
  { config, store, chat, units }: Parts,
): Promise<readonly Trial[]> {
  const { BOT_ACCOUNT_ID: own } = environment(env, ['BOT_ACCOUNT_ID'])
  return [
    ...ownTable('sweep', env),
    publicKeyTrial(cloudKeys(env)),
    ...unitTrials(config, units, await accountsToTry(store, own)),
    ...sends(env, 'PROPOSE_QUEUE_URL', 'VERIFY_QUEUE_URL', 'PUBLISH_QUEUE_URL'),
    ...bucketTrials(env, store, null, { written: [], read: [] }),
    ...chatTrials(env, chat),
  ]
}
