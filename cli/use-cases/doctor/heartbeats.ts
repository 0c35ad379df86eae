/** When the hub last heard from each member, and which version the member has. */

import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { LONG_TIMEOUTS } from '../../../functions/adapters/aws/clients/index.ts'
import { proposalsTable } from '../../../functions/adapters/aws/dynamodb/index.ts'
import {
  agoInWords,
  type LastHeard,
  lostCanary,
  type MemberRegion,
  memberKey,
  SILENT_AFTER_MS,
} from '../../../functions/domain/members/index.ts'
import { SILENT_OBSERVER } from '../../../functions/ports/index.ts'
import { lastHeard } from '../../../functions/sweep/index.ts'
import { docsPage } from '../../version.ts'
import { type Check, failedCheck, okCheck, warning } from './check.ts'
import type { MemberAccess } from './member-access.ts'

export function readHeard(
  { credentials }: MemberAccess,
  region: string,
  tableName: string,
): Promise<readonly LastHeard[]> {
  const client = new DynamoDBClient({ region, credentials, ...LONG_TIMEOUTS })
  return lastHeard(proposalsTable({ client, tableName, observer: SILENT_OBSERVER }))
}

export function heartbeatChecks(
  places: readonly MemberRegion[],
  heard: readonly LastHeard[],
  { hub, version, nowMs }: { readonly hub: MemberRegion; readonly version: string; readonly nowMs: number },
): readonly Check[] {
  const byKey = new Map(heard.map(one => [memberKey(one), one]))
  const hubVersion = byKey.get(memberKey(hub))?.version ?? null
  const beats = places.map(place => heartbeatCheck(place, byKey.get(memberKey(place)), nowMs))
  const versions = places.flatMap(place => {
    const found = byKey.get(memberKey(place))
    return found === undefined ? [] : [versionCheck(place, found.version, hubVersion ?? version)]
  })
  const own =
    hubVersion !== null && hubVersion !== version
      ? [warning('version', `the hub has ${hubVersion}, this command is ${version}: use the same`)]
      : []
  const canaries = places.flatMap(place => canaryChecks(place, byKey.get(memberKey(place)), nowMs))
  return [...beats, ...canaries, ...own, ...versions]
}

const words = ({ accountId, region }: MemberRegion) => `${accountId} ${region}`

function heartbeatCheck(place: MemberRegion, found: LastHeard | undefined, nowMs: number): Check {
  if (found === undefined)
    return failedCheck(
      'heartbeat',
      `${words(place)}: never heard: deploy rolemedic-member there (in the hub: rolemedic-bot), or name it in heartbeats.retired`,
    )
  const age = nowMs - found.atMs
  return age < SILENT_AFTER_MS
    ? okCheck('heartbeat', `${words(place)}: ${agoInWords(age)} ago`)
    : failedCheck(
        'heartbeat',
        `${words(place)}: silent for ${agoInWords(age)}: ${docsPage('runbooks.md#silent-members')}`,
      )
}

/** Of a member where one was made. */
function canaryChecks(place: MemberRegion, found: LastHeard | undefined, nowMs: number): readonly Check[] {
  if (found === undefined || found.canary.madeMs === null) return []
  const lostMs = lostCanary(found.canary, nowMs)
  const last = agoInWords(nowMs - (found.canary.arrivedMs ?? found.canary.madeMs))
  return [
    lostMs === null
      ? okCheck('canary', `${words(place)}: a denial there arrives: ${last} ago`)
      : failedCheck(
          'canary',
          `${words(place)}: the denial that was made there ${agoInWords(nowMs - lostMs)} ago did not arrive: rolemedic canary says which hop lost it`,
        ),
  ]
}

function versionCheck(place: MemberRegion, version: string | null, wanted: string): Check {
  return version === wanted
    ? okCheck('version', `${words(place)}: ${version}`)
    : warning(
        'version',
        `${words(place)}: ${version ?? 'of none'}, the hub has ${wanted}: deploy rolemedic-member there`,
      )
}
