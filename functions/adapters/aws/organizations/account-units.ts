/** The organizational units of an account. Cached for minutes: accounts rarely move, and Organizations throttles early. */

import type { OrganizationsClient } from '@aws-sdk/client-organizations'
import { type Fact, known, unknown } from '../../../../core/base/index.ts'
import type { AccountUnits } from '../../../ports/access-reader.ts'
import type { Clock } from '../../../ports/clock.ts'
import { answerCache } from '../clients/answer-cache.ts'
import { meter } from '../iam/read-calls.ts'
import { gently, NOT_IN_IT, readPlace } from './organizations.ts'

const KEEP_MS = 5 * 60_000

export function organizationUnits(client: OrganizationsClient, clock: Clock): AccountUnits {
  const answers = answerCache<Fact<readonly string[]>>(clock, KEEP_MS)
  return accountId => answers(accountId, () => unitsOf(client, accountId))
}

async function unitsOf(client: OrganizationsClient, accountId: string): Promise<Fact<readonly string[]>> {
  const place = await readPlace(client, accountId, gently(meter().ask))
  if (place === NOT_IN_IT) return unknown(`account ${accountId} is not in the organization of these credentials`)
  switch (place.kind) {
    case 'found':
      return known(place.value.path.filter(id => id !== accountId))
    case 'absent':
      return known([])
    case 'unreadable':
      return unknown(place.why)
  }
}
