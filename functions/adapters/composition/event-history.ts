/** CloudTrail's own event history of each account, read as its policies are. */

import { setTimeout as delay } from 'node:timers/promises'
import type { Config } from '../../domain/config/index.ts'
import type { EventHistory } from '../../ports/event-history.ts'
import { eventHistory, historyClients } from '../aws/event-history/event-history.ts'
import type { AccountAccess } from '../aws/iam/account-access.ts'
import { readerAccess } from './account-reader.ts'

export const cloudHistory = (env: NodeJS.ProcessEnv, { config }: { readonly config: Config }): EventHistory =>
  historyOver(readerAccess(env, config))

export const historyOver = (access: (accountId: string) => AccountAccess): EventHistory =>
  eventHistory({
    client: historyClients(accountId => access(accountId).iam.config.credentials),
    sleep: ms => delay(ms),
    clock: Date.now,
  })
