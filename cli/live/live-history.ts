/** CloudTrail's event history, and earlier versions of policies, with the AWS credentials of the machine. */

import { setTimeout as sleep } from 'node:timers/promises'
import { known, unknown } from '../../core/base/index.ts'
import { eventHistory, historyClients } from '../../functions/adapters/aws/event-history/index.ts'
import { type AccountAccess, type Ask, policyVersions } from '../../functions/adapters/aws/iam/index.ts'
import type { EventHistory } from '../../functions/ports/index.ts'
import type { HistorySource } from '../use-cases/trail/asked-history.ts'

type LocalAccess = Pick<AccountAccess, 'iam' | 'accountId'> & {
  readonly credentials: Parameters<typeof historyClients>[0] extends (id: string) => infer C ? C : never
}

export function liveHistory(access: LocalAccess, ask: Ask): HistorySource {
  const { search } = eventHistory({
    client: historyClients(() => access.credentials),
    sleep: ms => sleep(ms),
    clock: Date.now,
  })
  return {
    history: { search: ofOneAccount(search, access, ask) },
    ...policyVersions({ access: () => access, ask }),
  }
}

/** The credentials answer for their own account, whatever account is asked for. */
export function ofOneAccount(
  search: EventHistory['search'],
  { accountId }: Pick<LocalAccess, 'accountId'>,
  ask: Ask,
): EventHistory['search'] {
  return async (place, ...rest) => {
    const own = await accountId(ask)
    if (own !== place.accountId)
      return unknown(`these credentials belong to ${own === null ? 'an account that is not known' : `account ${own}`}`)
    const answer = await ask(1, 'cloudtrail:LookupEvents', () => search(place, ...rest))
    if (answer.kind !== 'found') return unknown(answer.kind === 'absent' ? 'it gave no answer' : answer.why)
    return answer.value.known ? known(answer.value.value) : answer.value
  }
}
