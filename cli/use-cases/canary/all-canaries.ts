/** One canary in each account and Region of a deployment that these credentials, or their role there, can reach. */
import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { fromNodeProviderChain } from '@aws-sdk/credential-providers'
import { MINUTE_MS, UsageError } from '../../../core/base/index.ts'
import { LONG_TIMEOUTS } from '../../../functions/adapters/aws/clients/index.ts'
import type { BotConfig } from '../../../functions/domain/config/index.ts'
import type { DeploySettings } from '../../../infra/settings.ts'
import { requireCredentials, requireProfile } from '../../live/aws-credentials.ts'
import type { CanaryOutput } from '../../outputs/canary.ts'
import { inTurn } from '../doctor/check.ts'
import { readHeard } from '../doctor/heartbeats.ts'
import { placesOf } from '../doctor/live-checks.ts'
import { type MemberAccess, memberAccess } from '../doctor/member-access.ts'
import type { UseCaseWorld } from '../world.ts'
import { runCanary } from './canary.ts'
import { canaryCalls } from './canary-calls.ts'

export type CanaryQuestion = {
  readonly settings: DeploySettings
  readonly config: BotConfig
  readonly profile: string | null
  readonly role: string | null
  readonly table: string
  /** Empty: every account. */
  readonly accounts: readonly string[]
  readonly waitMinutes: number
}

const AT_ONCE = 50

/** Throws UsageError without credentials, or where nothing can be reached. */
export async function runCanaries(question: CanaryQuestion, world: UseCaseWorld): Promise<CanaryOutput> {
  const { settings, config, profile, role, table, accounts, waitMinutes } = question
  const { region } = settings
  requireProfile(profile, world.env)
  const credentials = fromNodeProviderChain(profile === null ? {} : { profile })
  await requireCredentials(credentials)
  const sts = new STSClient({ region, credentials, ...LONG_TIMEOUTS })
  const { Account: accountId = '' } = await sts.send(new GetCallerIdentityCommand({}))
  const own: MemberAccess = { accountId, credentials }
  const accessTo = memberAccess({ own, roleName: role, region })
  const sleep = (ms: number) => delay(ms)
  const all = placesOf(
    settings,
    config,
    settings.organization?.hubAccountId ?? accountId,
    await readHeard(own, region, table),
  )
  const places = all.filter(
    place => (accounts.length === 0 || accounts.includes(place.accountId)) && accessTo(place.accountId) !== null,
  )
  if (places.length === 0)
    throw new UsageError('no account to make a canary in: give --role NAME, the role to assume in other accounts')
  const deps = {
    calls: canaryCalls({ own, region, table, accessTo, sleep }, world),
    nowMs: world.nowMs,
    sleep,
    waitMs: waitMinutes * MINUTE_MS,
    id: randomBytes(4).toString('hex'),
  }
  world.progress(`waiting for ${places.length} denials to arrive; CloudTrail usually takes up to five minutes`)
  const canaries = await inTurn(places, AT_ONCE, place => runCanary(place, deps))
  world.progress(null)
  return { schema: 'rolemedic.canary/1', canaries }
}
