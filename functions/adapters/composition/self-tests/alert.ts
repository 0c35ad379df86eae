import type { Config } from '../../../domain/config/index.ts'
import type { ProposalStore } from '../../../ports/proposal-store.ts'
import type { Trial } from '../../../ports/self-test/trial.ts'
import { readerAccess, readerOver } from '../account-reader.ts'
import { environment } from '../environment.ts'
import { organizationTrials, readers } from './accounts.ts'
import { accountsToTry, ownTable, sends } from './trials.ts'

type Parts = { readonly config: Config; readonly store: ProposalStore }

export async function alertTrials(env: NodeJS.ProcessEnv, { config, store }: Parts): Promise<readonly Trial[]> {
  const { BOT_ACCOUNT_ID: own } = environment(env, ['BOT_ACCOUNT_ID'])
  return [
    ...ownTable('alert', env),
    ...sends(env, 'PROPOSE_QUEUE_URL', 'LOOK_QUEUE_URL'),
    ...readers(env, await accountsToTry(store, own)),
    ...organizationTrials(readerOver(env, readerAccess(env, config)), own),
  ]
}
