/**
 * `rolemedic doctor --live`: asks AWS and Slack and changes nothing. An account that cannot be reached does not stop the
 * others.
 */

import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { fromNodeProviderChain } from '@aws-sdk/credential-providers'
import { UsageError } from '../../../core/base/index.ts'
import { partitionOfRegion } from '../../../core/iam/index.ts'
import { LONG_TIMEOUTS } from '../../../functions/adapters/aws/clients/index.ts'
import { type BotConfig, CHAT, type Config } from '../../../functions/domain/config/index.ts'
import { DEPLOY_PATTERNS } from '../../../functions/domain/deploy/index.ts'
import { type LastHeard, type MemberRegion, memberKey } from '../../../functions/domain/members/index.ts'
import { approverGroups } from '../../../functions/workflows/index.ts'
import { HUB_BUS, PREFIX, READER_ROLE, WRITER_ROLE } from '../../../infra/names.ts'
import { type DeploySettings, memberRegions } from '../../../infra/settings.ts'
import { type AskAws, askAws } from '../../live/ask-aws.ts'
import { requireCredentials, requireProfile } from '../../live/aws-credentials.ts'
import { version } from '../../version.ts'
import { chatChecks } from '../chat/checks.ts'
import type { UseCaseWorld } from '../world.ts'
import { bucketCheck, lockCheck, readBucket } from './audit-bucket.ts'
import { type Check, checked, failedCheck, inTurn, okCheck, warning } from './check.ts'
import { historyCheck, historyOf } from './event-history.ts'
import { firstReadingChecks } from './first-readings.ts'
import { heartbeatChecks, readHeard } from './heartbeats.ts'
import { deliveryCheck, readUndelivered } from './hub/alerts.ts'
import {
  enabledRegionsCheck,
  guardrailChecks,
  levelsReader,
  type ReadLevels,
  readEnabledRegions,
} from './hub/guardrails.ts'
import { hubChecks } from './hub/hub-checks.ts'
import { type MemberAccess, memberAccess } from './member-access.ts'
import { organizationChecks } from './organization.ts'
import { readerCheck, readSeenRole, type TrustedBy, writerCheck } from './roles.ts'
import { readRules, ruleChecks } from './rules.ts'
import { readTrails, trailCheck } from './trail.ts'

export type LiveOptions = {
  readonly settings: DeploySettings
  readonly config: BotConfig
  /** What the file of the configuration holds. */
  readonly configText: string
  readonly profile: string | null
  /** The role to assume in every other account. */
  readonly role: string | null
  readonly table: string
}

/** Accounts and Regions to check in parallel: EventBridge and CloudTrail throttle each separately. */
const AT_ONCE = 8

export async function liveChecks(options: LiveOptions, world: UseCaseWorld): Promise<readonly Check[]> {
  const { settings, config, profile } = options
  requireProfile(profile, world.env)
  const credentials = fromNodeProviderChain(profile === null ? {} : { profile })
  const { region } = settings
  const caller = await callerOrCheck({ region, credentials }, world)
  if ('status' in caller) return [caller]
  const own: MemberAccess = { accountId: caller.accountId, credentials }
  const hubAccountId = settings.organization?.hubAccountId ?? own.accountId
  if (own.accountId !== hubAccountId)
    return [
      failedCheck(
        'credentials',
        `these credentials are of account ${own.accountId}, and the bot runs in ${hubAccountId}`,
      ),
    ]

  const [heard, heardChecks] = await heardOrCheck(own, region, options.table)
  const places = placesOf(settings, config, hubAccountId, heard ?? [])
  const accounts = [...new Set(places.map(({ accountId }) => accountId))]
  const accessTo = memberAccess({ own, roleName: options.role, region })
  const ask = ({ credentials }: MemberAccess, where: string) => askAws({ region: where, credentials }, world)
  const levelsOf = settings.organization === null ? null : levelsReader(own, region, world.nowMs)
  const context = { settings, hubAccountId, accessTo, nowMs: world.nowMs(), ask, levelsOf, places }
  const hub = { accountId: hubAccountId, region }

  const by = { partition: partitionOfRegion(region), hubAccountId, rolePath: settings.rolePath }
  const [chat, hubParts, organization, bucket, history, inAccounts, inRegions] = await Promise.all([
    checked(CHAT, '', () => chatChecks(own, settings, config, world.env)),
    hubChecks(own, { ...options, hubAccountId, ask: ask(own, region) }, world),
    settings.organization === null
      ? []
      : checked('organization', '', () => organizationChecks(own, region, accounts, config)),
    checked('audit bucket', '', async () => {
      const seen = await readBucket(own, region, settings.existing.auditBucket ?? null)
      const readings = checked('approver group', '', () =>
        firstReadingChecks(own, region, seen.name, approverGroups(config)),
      )
      return [bucketCheck(seen, by), lockCheck(seen, settings.audit.days), ...(await readings)]
    }),
    checked('event history', `${hubAccountId} ${region}`, async () => [
      await historyCheck(hubAccountId, region, world.nowMs(), historyOf(own)),
    ]),
    inTurn(accounts, AT_ONCE, account => accountChecks(account, context)),
    inTurn(places, AT_ONCE, async place => {
      world.progress(`looking at ${place.accountId} ${place.region}`)
      return regionChecks(place, context)
    }),
  ])
  world.progress(null)
  const beats =
    heard === null ? heardChecks : heartbeatChecks(places, heard, { hub, version: version(), nowMs: world.nowMs() })
  const unseen = accounts.filter(account => accessTo(account) === null)
  return [
    okCheck('credentials', `${caller.arn}, in account ${own.accountId}`),
    clockCheck(caller.skewMs),
    ...hubParts,
    ...chat,
    ...organization,
    ...bucket,
    ...history,
    ...beats,
    ...(unseen.length === 0
      ? []
      : [
          warning(
            'accounts',
            `not looked into: ${unseen.join(', ')}: give --role NAME, a role in each that these credentials may assume`,
          ),
        ]),
    ...inAccounts.flat(),
    ...inRegions.flat(),
  ]
}

async function callerOrCheck(config: CallerProps, world: UseCaseWorld): Promise<Caller | Check> {
  try {
    await requireCredentials(config.credentials)
    return await whoAmI(config, world)
  } catch (error) {
    if (error instanceof UsageError) return failedCheck('credentials', error.message)
    const why = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
    return failedCheck('credentials', `AWS does not say whose they are: ${why}`)
  }
}

type CallerProps = { readonly region: string; readonly credentials: MemberAccess['credentials'] }

type Caller = { readonly accountId: string; readonly arn: string; readonly skewMs: number | null }

/** A repeated header is joined into one value. */
const HTTP_DATE = /\w{3}, \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} GMT/

/** Compares the `Date` of AWS's answer with this machine's clock. */
async function whoAmI(config: CallerProps, world: UseCaseWorld): Promise<Caller> {
  const sts = new STSClient({ ...config, ...LONG_TIMEOUTS })
  let skewMs: number | null = null
  sts.middlewareStack.add(
    next => async given => {
      const result = await next(given)
      const { headers } = result.response as { readonly headers?: { readonly [name: string]: string } }
      const date = Date.parse(HTTP_DATE.exec(headers?.['date'] ?? '')?.[0] ?? '')
      if (!Number.isNaN(date)) skewMs = world.nowMs() - date
      return result
    },
    { step: 'deserialize', name: 'readDate' },
  )
  const { Account: accountId = '', Arn: arn = '' } = await sts.send(new GetCallerIdentityCommand({}))
  return { accountId, arn, skewMs }
}

const SKEW_WARNING_MS = 30_000
/** AWS refuses signatures that are five minutes off, and the bot refuses such signatures of Slack. */
const SKEW_FAILED_MS = 240_000

export function clockCheck(skewMs: number | null): Check {
  if (skewMs === null) return warning('clock', 'AWS did not say what time it is')
  const seconds = Math.round(Math.abs(skewMs) / 1000)
  const detail = `this machine is ${seconds} s ${skewMs < 0 ? 'behind' : 'ahead of'} AWS`
  if (Math.abs(skewMs) > SKEW_FAILED_MS)
    return failedCheck('clock', `${detail}: set it (signatures end after five minutes)`)
  return Math.abs(skewMs) > SKEW_WARNING_MS ? warning('clock', `${detail}: set it`) : okCheck('clock', detail)
}

async function heardOrCheck(
  own: MemberAccess,
  region: string,
  table: string,
): Promise<readonly [readonly LastHeard[] | null, readonly Check[]]> {
  let heard: readonly LastHeard[] | null = null
  const checks = await checked('heartbeat', `table ${table}`, async () => {
    heard = await readHeard(own, region, table)
    return []
  })
  return [heard, checks]
}

/** Every account and Region that should be heard from, or was, without retired ones. */
export function placesOf(
  settings: DeploySettings,
  config: Pick<Config, 'accounts' | 'organizationAccounts'>,
  hubAccountId: string,
  heard: readonly LastHeard[],
): readonly MemberRegion[] {
  const named = settings.organization === null ? [] : [...Object.keys(config.accounts), ...config.organizationAccounts]
  const hub = [settings.region, ...settings.otherRegions].map(region => ({ accountId: hubAccountId, region }))
  const members = [...new Set(named)].flatMap(accountId =>
    memberRegions(settings).map(region => ({ accountId, region })),
  )
  const all = new Map(
    [...hub, ...members, ...heard].map(({ accountId, region }) => {
      const place = { accountId, region }
      return [memberKey(place), place] as const
    }),
  )
  const { retired } = settings.heartbeats
  return [...all.values()]
    .filter(place => !retired.includes(place.accountId) && !retired.includes(memberKey(place)))
    .toSorted((a, b) => memberKey(a).localeCompare(memberKey(b)))
}

type Context = {
  readonly settings: DeploySettings
  readonly hubAccountId: string
  readonly accessTo: ReturnType<typeof memberAccess>
  readonly nowMs: number
  readonly ask: (access: MemberAccess, region: string) => AskAws
  /** Null: without an organization there are no SCPs. */
  readonly levelsOf: ReadLevels | null
  readonly places: readonly MemberRegion[]
}

async function accountChecks(accountId: string, context: Context): Promise<readonly Check[]> {
  const { settings, hubAccountId, accessTo, nowMs, ask, places } = context
  const access = accessTo(accountId)
  if (access === null) return []
  const wanted = places.filter(place => place.accountId === accountId).map(place => place.region)
  const { region, organization, rolePath, writerExternalId } = settings
  const by: TrustedBy = {
    partition: partitionOfRegion(region),
    hubAccountId,
    organizationId: organization?.id ?? null,
    rolePath,
    externalId: writerExternalId,
  }
  const [regions, reader, writer] = await Promise.all([
    checked('Region', accountId, async () => [
      enabledRegionsCheck(accountId, wanted, await readEnabledRegions(ask(access, region))),
    ]),
    checked('reader', accountId, async () => [
      readerCheck(accountId, await readSeenRole(access, region, READER_ROLE), by, nowMs),
    ]),
    checked('writer', accountId, async () => [
      writerCheck(accountId, await readSeenRole(access, region, WRITER_ROLE), by, nowMs),
    ]),
  ])
  return [...regions, ...reader, ...writer]
}

async function regionChecks(place: MemberRegion, context: Context): Promise<readonly Check[]> {
  const { settings, hubAccountId, accessTo, ask, levelsOf, nowMs } = context
  const { accountId, region } = place
  const where = `${accountId} ${region}`
  const isHub = accountId === hubAccountId && region === settings.region
  const partition = partitionOfRegion(region)
  const guardrails =
    levelsOf === null
      ? []
      : checked('guardrail', where, async () =>
          guardrailChecks({ ...place, isHub }, await levelsOf(accountId), { partition, rolePath: settings.rolePath }),
        )
  const access = accessTo(accountId)
  if (access === null) return guardrails
  const { enabled, existing } = settings
  const queue = (name: string) => `arn:${partition}:sqs:${region}:${accountId}:${PREFIX}-${name}`
  const bus = existing.busArn ?? `arn:${partition}:events:${settings.region}:${hubAccountId}:event-bus/${HUB_BUS}`
  const busName = bus.split(':event-bus/').at(-1) ?? HUB_BUS
  const targetOf = (rule: string) => (isHub ? queue(rule in DEPLOY_PATTERNS ? 'alert' : 'intake') : bus)
  const expected = { enabled, targetOf }
  const here = ask(access, region)
  const rulesOn = (named: string, on: string | null) =>
    checked('rules', named, async () => {
      const seen = await readRules(here, on)
      const delivery = checked('delivery', named, async () => {
        const ours = seen.filter(({ targets }) => targets.length > 0).map(({ name }) => ({ rule: name, bus: on }))
        return [deliveryCheck(named, await readUndelivered(ours, here, nowMs))]
      })
      return [...ruleChecks(named, seen, expected), ...(await delivery)]
    })
  const [trail, ...rules] = await Promise.all([
    checked('trail', where, async () => [trailCheck(where, await readTrails(access, region))]),
    rulesOn(where, null),
    isHub ? rulesOn(`${where}, the hub's bus`, busName) : [],
    guardrails,
  ])
  return [...trail, ...rules.flat()]
}
