/** CloudTrail's own event history of each account, read as its policies are. */

import { setTimeout as delay } from 'node:timers/promises'
import type { Config } from '../../domain/config/index.ts'
import type { EventHistory } from '../../ports/event-history.ts'
import { eventHistory, historyClients } from '../aws/event-history/event-history.ts'
import { readerAccess } from './account-reader.ts'

/** One for each function: it keeps to AWS's rate, and shares answers. */
export function cloudHistory(env: NodeJS.ProcessEnv, { config }: { readonly config: Config }): EventHistory {
  const access = readerAccess(env, config)
  return eventHistory({
    client: historyClients(accountId => access(accountId).iam.config.credentials),
    sleep: ms => delay(ms),
    clock: Date.now,
  })
}
