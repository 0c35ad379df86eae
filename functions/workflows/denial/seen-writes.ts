/**
 * IAM's writes around a denial, from CloudTrail's own event history: those that name the caller, the assumed role, and whatever else of them
 * decides. The history lists a write under the names of roles, users and groups, and under the ARNs of managed policies.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events.html
 */

import { asksTrustPolicy } from '../../../core/actions/index.ts'
import { DAY_MS, HOUR_MS, parseTime } from '../../../core/base/index.ts'
import type { Denial } from '../../../core/denial/index.ts'
import { type AccessSnapshot, parseArn } from '../../../core/iam/index.ts'
import { iamRegion, joinedTrails, type Trail, type TrailWrite, trailOf } from '../../../core/timeline/index.ts'
import { type Lookups, MAX_LOOKUPS } from './lookups.ts'

/** A denial of which account, time and Region are known. */
export type PlacedDenial = Denial & { readonly timeMs: number; readonly accountId: string; readonly region: string }

/** What the history lists writes under, in the account where they are recorded. */
export type ListedName = { readonly accountId: string; readonly name: string }

/** How long CloudTrail's history goes back, a little less. */
export const HISTORY_MS = 90 * DAY_MS - HOUR_MS

const MAX_NAMES = 8

/** The caller, and the role on whose trust policy it depends. */
export function namesOf({ principal, action, resource, passes }: Denial): readonly ListedName[] {
  const { accountId, name, kind } = principal
  const hasPolicies = kind === 'role' || kind === 'sso-role' || kind === 'service-linked-role' || kind === 'user'
  const asked = resource ?? passes[0]?.arn ?? ''
  const role = asksTrustPolicy(action, asked) ? /^arn:[^:]*:iam::(\d{12}):role\/(?:.*\/)?([^/]+)$/.exec(asked) : null
  return once([
    ...(hasPolicies && accountId !== null && name !== null ? [{ accountId, name }] : []),
    ...(role?.[1] === undefined || role[2] === undefined ? [] : [{ accountId: role[1], name: role[2] }]),
  ])
}

/** Its groups, policies and boundary, now and before. AWS's own policies have no writes in the account. */
export function namesBehind(
  { principal: { accountId } }: Denial,
  { caller }: AccessSnapshot,
  { writes }: Pick<Trail, 'writes'>,
): readonly ListedName[] {
  if (accountId === null) return []
  const identity = caller.kind === 'found' ? caller.value : null
  const boundary = identity?.boundary.kind === 'found' ? [identity.boundary.value.arn] : []
  const groups = (identity?.policies ?? []).flatMap(
    ({ attachedTo }) => /:group\/(?:.*\/)?([^/]+)$/.exec(attachedTo)?.[1] ?? [],
  )
  const policies: readonly (string | null)[] = [
    ...(identity?.policies ?? []).map(({ arn }) => arn),
    ...boundary,
    ...writes.map(policyIn),
  ]
  return once([
    ...policies.flatMap(arn =>
      arn !== null && /^\d{12}$/.test(parseArn(arn)?.accountId ?? '') ? [{ accountId, name: arn }] : [],
    ),
    ...[...groups, ...(identity?.groups ?? []), ...writes.flatMap(write => parameterIn(write, 'groupName') ?? [])].map(
      name => ({ accountId, name }),
    ),
  ])
}

/** The managed policy that it names. */
export const policyIn = (write: TrailWrite): string | null =>
  parameterIn(write, 'policyArn') ?? parameterIn(write, 'permissionsBoundary')

export function parameterIn({ parameters }: TrailWrite, name: string): string | null {
  const value = parameters?.[name]
  return typeof value === 'string' ? value : null
}

const once = (names: readonly ListedName[]): readonly ListedName[] => [
  ...new Map(names.map(one => [`${one.accountId} ${one.name}`, one])).values(),
]

export type SeenWrites = {
  readonly trail: Trail
  /** The names that were answered. */
  readonly names: readonly ListedName[]
  /** The history answered for all of them. */
  readonly isRead: boolean
}

/** One request for each name. What is not answered is the trail's gap. */
export async function readWrites(
  denial: PlacedDenial,
  names: readonly ListedName[],
  window: { readonly fromMs: number; readonly toMs: number },
  lookups: Lookups,
): Promise<SeenWrites> {
  const region = iamRegion(denial.partition)
  const accounts = new Set<string>()
  const trails: Trail[] = []
  const answered: ListedName[] = []
  let { fromMs } = window
  let gap: string | null = null
  if (names.length > MAX_NAMES)
    gap = `the writes on ${names.length} policies and groups of the caller are too many to ask for`
  for (const one of gap === null ? names : []) {
    if (region === null) break
    const answer = await lookups.ask({ accountId: one.accountId, region }, { resourceName: one.name }, window)
    if (answer.kind !== 'read') {
      gap ??=
        answer.kind === 'spent'
          ? spentOn(one)
          : `the event history of account ${one.accountId} could not be read: ${answer.why}`
      continue
    }
    if (answer.isTorn) gap ??= `a record about ${one.name} in the event history cannot be read`
    answered.push(one)
    trails.push(trailOf(answer.records, [denial]))
    accounts.add(one.accountId)
    // The records are the newest ones: those before the oldest of them are not known.
    if (!answer.complete) fromMs = Math.max(fromMs, oldestIn(answer.records, window.toMs))
  }
  const joined = joinedTrails(trails)
  const span = { fromMs, toMs: window.toMs }
  const regionsOf = new Map(region === null ? [] : [...accounts].map(one => [one, new Map([[region, span]])] as const))
  return {
    trail: { ...joined, covers: { ...span, regionsOf }, gap: joined.gap ?? gap },
    names: answered,
    isRead: region !== null && gap === null && fromMs === window.fromMs,
  }
}

export const bothWrites = (a: SeenWrites, b: SeenWrites): SeenWrites => {
  const joined = joinedTrails([a.trail, b.trail])
  const fromMs = Math.max(a.trail.covers?.fromMs ?? 0, b.trail.covers?.fromMs ?? 0)
  const covers = joined.covers === null ? null : { ...joined.covers, fromMs, regionsOf: sinceIn(joined.covers, fromMs) }
  return { trail: { ...joined, covers }, names: [...a.names, ...b.names], isRead: a.isRead && b.isRead }
}

const sinceIn = ({ regionsOf }: NonNullable<Trail['covers']>, fromMs: number) =>
  new Map(
    [...regionsOf].map(([account, regions]) => [
      account,
      new Map([...regions].map(([region, { toMs }]) => [region, { fromMs, toMs }])),
    ]),
  )

const BUDGET = `one denial may ask the event history ${MAX_LOOKUPS} times`

/** Why nothing is proved where fewer requests are left than names. */
export const notAsked = (names: readonly ListedName[]): string => {
  const [first] = names
  const which = names.length === 1 ? `on ${first?.name}` : `on ${first?.name} and ${names.length - 1} more names`
  return `the writes ${which} were not asked for: ${BUDGET}`
}

const spentOn = ({ name }: ListedName): string => `the writes on ${name} were not asked for: ${BUDGET}`

/** The first second that is known as a whole. */
function oldestIn(records: readonly unknown[], elseMs: number): number {
  const times = records.flatMap(record => {
    const time = typeof record === 'object' && record !== null && 'eventTime' in record ? record.eventTime : null
    return parseTime(String(time)) ?? []
  })
  return times.length === 0 ? elseMs : Math.min(...times) + 1_000
}
