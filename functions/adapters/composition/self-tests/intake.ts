import type { ProposalStore } from '../../../ports/proposal-store.ts'
import type { Trial } from '../../../ports/self-test/trial.ts'
import { membershipTrial, readers } from './accounts.ts'
import { accountsToTry, ownTable, sends } from './trials.ts'

export async function intakeTrials(
  env: NodeJS.ProcessEnv,
  store: Pick<ProposalStore, 'getMarker'>,
  ownAccountId: string,
): Promise<readonly Trial[]> {
  return [
    ...ownTable('intake', env),
    ...sends(env, 'PROPOSE_QUEUE_URL', 'LOOK_QUEUE_URL'),
    ...readers(env, await accountsToTry(store, ownAccountId)),
    membershipTrial(ownAccountId),
  ]
}
