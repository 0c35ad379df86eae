import type { Config } from '../../../domain/config/index.ts'
import type { Chat } from '../../../ports/chat.ts'
import type { ProposalStore } from '../../../ports/proposal-store.ts'
import type { Trial } from '../../../ports/self-test/trial.ts'
import { readerAccess, readerOver } from '../account-reader.ts'
import { chatTrials } from '../chat/trials.ts'
import { environment } from '../environment.ts'
import { cloudKeys } from '../signing.ts'
import { organizationTrials, readers } from './accounts.ts'
import { bucketTrials } from './bucket.ts'
import { accountsToTry, ownTable, publicKeyTrial, sends } from './trials.ts'

type Parts = { readonly config: Config; readonly store: ProposalStore; readonly chat: Chat }

export async function proposeTrials(env: NodeJS.ProcessEnv, { config, store, chat }: Parts): Promise<readonly Trial[]> {
  const { BOT_ACCOUNT_ID: own } = environment(env, ['BOT_ACCOUNT_ID'])
  return [
    ...ownTable('propose', env),
    ...sends(env, 'PROPOSE_QUEUE_URL'),
    publicKeyTrial(cloudKeys(env)),
    ...readers(env, await accountsToTry(store, own)),
    ...organizationTrials(readerOver(env, readerAccess(env, config)), own),
    ...bucketTrials(env, store, null, { written: [], read: [] }),
    ...chatTrials(env, chat),
  ]
}
