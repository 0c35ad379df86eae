/** What happened around a denial: how old its role was, whether it solved itself, and which write took the permission away. */

import { asksTrustPolicy } from '../actions/index.ts'
import { MINUTE_MS, utcSecond } from '../base/index.ts'
import { callerKeyOf, type Denial, isSameNeed } from '../denial/index.ts'
import { type AccessSnapshot, type Answer, type PolicyArchive, parseEntityArn } from '../iam/index.ts'
import { changedBetween, findChange, frameOf, type PermissionChange, type Timeframe } from './change.ts'
import { type CellValue, cells, type Effects, entityKey, entityKeyOf } from './effects.ts'
import { type GuardedAccounts, type Guardrails, guardrailsOf, ORGANIZATIONS } from './guardrails.ts'
import { lastUntil, type PolicyHistory, policyHistory } from './history.ts'
import { iamRegion, organizationsRegion } from './iam-regions.ts'
import { readingOf, type Subjects, subjectsOf } from './reading.ts'
import { type EntityNames, groupKeyOf, withPrincipals } from './states.ts'
import { type Coverage, type CoveredSpan, rolesOf, type Trail, type TrailWrite } from './trail.ts'

export type Solved = {
  readonly atMs: number
  /** The event id of the call that succeeded. */
  readonly eventId: string
  readonly afterMs: number
  /** `change`: a write between changed the answer, or may have. */
  readonly by: 'time' | 'change'
  /** That write. Null: none. */
  readonly write: TrailWrite | null
}

export type Timeline = {
  readonly covers: {
    readonly fromMs: number
    readonly toMs: number
    readonly regions: readonly string[]
    readonly accounts: readonly string[]
  }
  /** Of the passed or assumed role when it was denied. */
  readonly roleAgeMs: number | null
  readonly roleDeletedAtMs: number | null
  /** Records show that no role of this ARN existed when it was named. */
  readonly neverExisted: boolean
  readonly solved: Solved | null
  readonly change: PermissionChange | null
  /** Why writes may be missing in the trail: null where it covers the accounts and the Region where IAM’s own writes are. */
  readonly uncovered: string | null
  /** The answer when it was denied, evaluated. */
  readonly answerThen: Answer
  /** The latest write on either side before the denial, and how long before. Null: none is in the trail. */
  readonly lastWrite: { readonly write: TrailWrite; readonly agoMs: number } | null
  /** The write between the denial and the reading that leaves them different answers. Null: none is seen. */
  readonly between: { readonly write: TrailWrite; readonly isReadBefore: boolean } | null
}

export type TimelineOptions = {
  /** When the snapshot was taken. Null: not known; with files that somebody gave, after the last record of the trail. */
  readonly readAtMs: number | null
  /** Earlier versions, detached policies and groups, as far as they were read. */
  readonly archive: PolicyArchive | null
  /** Also names a write while the trail may lack a later one: for an answer that says so, or is corrected afterwards. */
  readonly isInterim?: true
  /** Files that somebody gave: whatever happened in the time and the accounts that they cover is in them. */
  readonly isGiven?: true
  /** `readAtMs` is the date of a file: a copy of it or a checkout is younger than what was read. */
  readonly isFileDate?: true
}

/**
 * CloudTrail delivers a record within about 15 minutes: later ones in the trail do not show that an earlier one is there.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events.html
 */
const DELIVERED_WITHIN_MS = 15 * MINUTE_MS

/** Null: the trail holds no record, or the denial has no time. */
export function timelineOf(
  denial: Denial,
  snapshot: AccessSnapshot,
  trail: Trail,
  { readAtMs, archive, isInterim, isGiven, isFileDate }: TimelineOptions,
): Timeline | null {
  const { covers } = trail
  const { timeMs } = denial
  if (covers === null) return null
  const resource = denial.resource ?? denial.passes[0]?.arn ?? null
  const asks = resource !== null && asksTrustPolicy(denial.action, resource)
  const subjects = subjectsOf(denial, snapshot, asks)
  const accounts = [
    denial.principal.accountId,
    resource === null ? null : (parseEntityArn(resource)?.accountId ?? null),
  ]
  const groups = groupsEver(subjects, snapshot, trail.writes)
  const writes = trail.writes.filter(
    write =>
      (write.source === 'iam.amazonaws.com' &&
        accounts.includes(write.accountId) &&
        !renamesAnother(write, subjects, groups)) ||
      write.source === ORGANIZATIONS ||
      endsRecording(write, [...accounts, managementOf(snapshot)]),
  )
  const roleKey = resource === null ? null : entityKeyOf(resource)
  const life = roleLife(writes, roleKey, timeMs, snapshot, resource)
  const covered = {
    fromMs: covers.fromMs,
    toMs: covers.toMs,
    regions: [...new Set([...covers.regionsOf.values()].flatMap(regions => [...regions.keys()]))].sort(),
    accounts: [...covers.regionsOf.keys()].sort(),
  }
  const nothing: Timeline = {
    ...{ covers: covered, roleAgeMs: life.ageMs, roleDeletedAtMs: life.deletedAtMs, neverExisted: false },
    ...{
      solved: null,
      change: null,
      answerThen: 'unknown',
      lastWrite: null,
      between: null,
      uncovered: 'the denial has no time or names no role',
    },
  }
  if (timeMs === null || resource === null) return nothing

  const region = iamRegion(denial.partition)
  const needed = [...new Set([denial.principal.accountId, ...(asks ? [accounts[1]] : [])])]
  const why = whyNothingIsProved(trail, covers, needed, region, denial)
  const guarded = guardedAccounts(denial, resource)
  const uncovered = whyUncovered(covers, snapshot, guarded, denial)
  const guardrails = guardrailsOf(writes, snapshot, guarded, uncovered)
  const spans = [
    ...needed.flatMap(account => spanOf(covers, account ?? null, region) ?? []),
    ...(uncovered === null
      ? [spanOf(covers, managementOf(snapshot), organizationsRegion(denial.partition)) ?? []].flat()
      : []),
  ]
  const late =
    isGiven === true
      ? whyOutside(covers, readAtMs, isFileDate === true)
      : isInterim === true
        ? null
        : whyLate(spans, readAtMs, timeMs)
  const given = { resource, readAtMs, archive, guardrails, calls: trail.calls }
  const time = { ...timeframe(denial, snapshot, subjects, writes, given), issued: trail.issued }
  const frame = frameOf(time)
  const { history, relevant } = time
  const second = Math.floor(timeMs / 1_000) * 1_000
  const until = untilDenial(time, frame, second)
  const then = frame.after(relevant.filter(one => one <= until).at(-1) ?? -1)
  const solved = solvedBy(denial, resource, trail.calls, time, frame, until)
  const compared = [...contradictable(history, time.question.names, subjects), ...guardrails.attachments()]
  const wrong = history.contradictions(compared, value => withoutCaller(value, history, subjects))
  const spanIn = (account: string | null | undefined) => spanOf(covers, account ?? null, region)
  const isMadeUnseen = isGiven !== true && madeUnseen(subjects, snapshot, writes, spanIn)
  const sinceMs =
    isGiven === true ? covers.fromMs : Math.max(...needed.map(account => spanIn(account)?.fromMs ?? covers.fromMs))
  const change =
    why !== null
      ? ({ outcome: 'not-proved', why } as const)
      : wrong.length > 0
        ? ({ outcome: 'not-proved', why: DIFFERS } as const)
        : whereSure(findChange(time, frame, until, sinceMs), isMadeUnseen ? DIFFERS : late)
  const last = relevant.filter(one => one <= until).at(-1)
  const latest =
    last === undefined ? undefined : history.seconds[last]?.writes.find(one => time.isRelevant(one.effects))
  return {
    ...nothing,
    neverExisted:
      why === null &&
      life.ageMs === null &&
      life.isUnknownToTrail &&
      late === null &&
      (isGiven !== true || (readAtMs !== null && readAtMs <= covers.toMs)),
    solved,
    change,
    uncovered:
      why ??
      (solved === null || isGiven === true
        ? null
        : (whyShort(spans, solved.atMs) ?? (hasWrites(time, until, solved.atMs) ? late : null))),
    answerThen: why === null || snapshot.caller.kind === 'found' ? then.answer : 'unknown',
    between: wrong.length > 0 ? null : betweenReading(time, frame, until, readAtMs),
    lastWrite: latest === undefined ? null : { write: latest.write, agoMs: timeMs - latest.write.atMs },
  }
}

/** IAM shows the id of a caller that was deleted, where the policy had named its ARN. */
function withoutCaller(value: CellValue, history: PolicyHistory, { caller }: Subjects): CellValue {
  if (caller === null || value.kind !== 'known' || value.value === null || typeof value.value !== 'object') return value
  if (history.era(caller.key, history.seconds.length - 1) === 0) return value
  const named = (principal: string): string =>
    principal === caller.arn || /^A(?:RO|ID)A[A-Z0-9]{8,}$/.test(principal) ? caller.key : principal
  return {
    kind: 'known',
    value: { ...value.value, Statement: value.value.Statement.map(one => withPrincipals(one, named)) },
  }
}

const DIFFERS = 'the policies that were read differ from what the trail wrote last: writes are missing in it'

/** Why no statement about changes can be proved. Null: it can. */
function whyNothingIsProved(
  { gap }: Trail,
  covers: NonNullable<Trail['covers']>,
  accounts: readonly (string | null | undefined)[],
  region: string | null,
  { timeMs, partition }: Denial,
): string | null {
  if (gap !== null) return gap
  if (region === null) return `it is not known in which Region CloudTrail records IAM in partition ${partition}`
  for (const account of accounts) {
    if (account == null) return 'the account of the caller or of the role is not known'
    if (covers.regionsOf.get(account)?.has(region) !== true)
      return `the trail has no record of account ${account} in ${region}, where IAM’s own writes are`
  }
  if (timeMs !== null && covers.toMs < timeMs) return 'the trail ends before the denial'
  if (timeMs !== null && covers.fromMs > timeMs) return 'the trail begins after the denial'
  return null
}

/** Why a write before the reading may be missing in the trail, so that the reading shows what nobody was seen to write. */
function whyLate(spans: readonly CoveredSpan[], readAtMs: number | null, timeMs: number): string | null {
  if (readAtMs === null) return 'it is not known when the policies were read (--at says it)'
  const why = whyShort(spans, Math.max(readAtMs, timeMs))
  return why === null ? null : `the policies were read at ${utcSecond(readAtMs)}, and ${why}`
}

/** The reading itself is recorded: files without a record of its time do not hold the writes around it. */
function whyOutside({ fromMs, toMs }: Coverage, readAtMs: number | null, isFileDate: boolean): string | null {
  if (readAtMs === null) return null
  const isBefore = readAtMs < fromMs - DELIVERED_WITHIN_MS
  const isAfter = readAtMs > toMs + DELIVERED_WITHIN_MS && !isFileDate
  if (!isBefore && !isAfter) return null
  return `the policies were read at ${utcSecond(readAtMs)}, and the trail holds ${utcSecond(fromMs)} to ${utcSecond(toMs)}: writes between may be missing in it (--at says when they were read)`
}

/** Why a record until then may be missing. */
function whyShort(spans: readonly CoveredSpan[], untilMs: number): string | null {
  const short = spans.find(({ toMs }) => toMs < untilMs + DELIVERED_WITHIN_MS)
  if (short === undefined) return null
  return `the trail ends at ${utcSecond(short.toMs)}: records may be ${DELIVERED_WITHIN_MS / MINUTE_MS} minutes late, so that a write before ${utcSecond(untilMs)} may be missing in it`
}

/** A role or user was made at another time than the trail says, so that the records of its last making are missing. */
function madeUnseen(
  { caller, role }: Subjects,
  { caller: own, targets }: AccessSnapshot,
  writes: readonly TrailWrite[],
  spanIn: (account: string | undefined) => CoveredSpan | null,
): boolean {
  const target = role === null ? undefined : targets.find(({ arn }) => arn === role.arn)?.role
  const read = [
    {
      key: caller?.key,
      kind: caller?.kind ?? 'role',
      createdAtMs: own.kind === 'found' ? own.value.createdAtMs : undefined,
    },
    { key: role?.key, kind: 'role', createdAtMs: target?.kind === 'found' ? target.value.createdAtMs : undefined },
  ] as const
  return read.some(({ key, kind, createdAtMs }) => {
    if (key === undefined || createdAtMs === undefined) return false
    const name = kind === 'user' ? 'User' : 'Role'
    const made = writes.filter(
      ({ eventName, accountId, parameters }) =>
        eventName === `Create${name}` && entityKey(accountId, kind, String(parameters?.[`${kind}Name`])) === key,
    )
    if (made.some(({ atMs }) => Math.abs(atMs - createdAtMs) <= MADE_WITHIN_MS)) return false
    const span = spanIn(key.split(' ')[0])
    const isInTrail = span !== null && createdAtMs > span.fromMs + MADE_WITHIN_MS && createdAtMs < span.toMs
    return isInTrail || made.some(({ atMs }) => atMs > createdAtMs)
  })
}

/** Between the time of a record and the date that IAM gives the entity. */
const MADE_WITHIN_MS = MINUTE_MS

function whereSure(change: PermissionChange | null, late: string | null): PermissionChange | null {
  return change === null || change.outcome === 'not-proved' || late === null
    ? change
    : { outcome: 'not-proved', why: late }
}

const hasWrites = ({ history, relevant }: Timeframe, from: number, toMs: number): boolean =>
  relevant.some(second => second > from && second <= lastUntil(history.seconds, toMs))

const spanOf = ({ regionsOf }: Coverage, account: string | null, region: string | null): CoveredSpan | null =>
  account === null || region === null ? null : (regionsOf.get(account)?.get(region) ?? null)

const managementOf = ({ organization }: Pick<AccessSnapshot, 'organization'>): string | null =>
  organization.known ? organization.value.managementAccountId : null

/** Service control policies do not restrict a service-linked role, and resource control policies no pass. */
function guardedAccounts({ principal, action }: Denial, resource: string): GuardedAccounts {
  return {
    scp: principal.kind === 'service-linked-role' ? null : principal.accountId,
    rcp: asksTrustPolicy(action, resource) ? (parseEntityArn(resource)?.accountId ?? null) : null,
  }
}

/** Why a guardrail may have had another answer earlier, unseen. Null: Organizations is covered, or restricts neither account. */
function whyUncovered(
  { regionsOf }: Pick<Coverage, 'regionsOf'>,
  { organization }: Pick<AccessSnapshot, 'organization'>,
  accounts: GuardedAccounts,
  { partition }: Denial,
): string | null {
  const region = organizationsRegion(partition)
  const management = managementOf({ organization })
  if (organization.known && organization.value.id === null && management === null) return null
  if (management !== null && Object.values(accounts).every(one => one === null || one === management)) return null
  if (management === null || region === null) return 'the management account of the organization is not known'
  if (regionsOf.get(management)?.has(region) === true) return null
  return `the trail has no record of the management account ${management} in ${region}, where Organizations’ own writes are`
}

function timeframe(
  denial: Denial,
  snapshot: AccessSnapshot,
  subjects: Subjects,
  writes: readonly TrailWrite[],
  {
    resource,
    readAtMs,
    archive,
    guardrails,
    calls,
  }: TimelineOptions & {
    readonly resource: string
    readonly guardrails: Guardrails
    readonly calls: readonly Denial[]
  },
): Omit<Timeframe, 'issued'> {
  const read = readingOf(denial, snapshot, subjects, { archive, atMs: readAtMs })
  const reading = { ...read, valueOf: (cell: string) => guardrails.valueOf(cell) ?? read.valueOf(cell) }
  const history = policyHistory(writes, { partition: denial.partition, reading, guardrails })
  const names = namesIn(history, snapshot, subjects, archive)
  const isOwn = mineIn(history, names, subjects)
  const isMine = (cell: string): boolean => isOwn(cell) || guardrails.isMine(cell)
  const isRelevant = (effects: Effects) =>
    effects.kind === 'effects' &&
    (effects.effects.some(({ cell }) => isMine(cell)) || effects.resets.some(({ entity }) => isMine(`${entity} | `)))
  const relevant = history.seconds.flatMap(({ writes: group }, index) =>
    group.some(({ effects }) => effects.kind === 'blind' || isRelevant(effects)) ? [index] : [],
  )
  return {
    question: { denial, resource, base: snapshot, subjects, names, guardrails },
    ...{ history, relevant, isRelevant, ids: idsOf(history, subjects, denial, calls) },
  }
}

/** Everything that the caller, its groups and the role ever had. */
function namesIn(
  history: PolicyHistory,
  { caller }: AccessSnapshot,
  { caller: own }: Subjects,
  archive: PolicyArchive | null,
): EntityNames {
  const policies = caller.kind === 'found' ? caller.value.policies : []
  const account = own === null ? '' : (own.key.split(' ')[0] ?? '')
  const partition = own?.arn.split(':')[1] ?? 'aws'
  const arns = new Map(policies.map(({ attachedTo }) => [entityKeyOf(attachedTo), attachedTo]))
  const cache = new Map<string, ReturnType<EntityNames>>()
  return entity => {
    const present = cache.get(entity)
    if (present !== undefined) return present
    // A group that the caller has left is in no policies of the caller.
    const left = /^(\d{12}) group (.+)$/.exec(entity)
    const read = [
      ...policies.filter(({ attachedTo }) => entityKeyOf(attachedTo) === entity),
      ...((left === null ? null : archive?.group(left[1] ?? '', left[2] ?? '')) ?? []),
    ]
    const groups = [
      ...history.suffixes(`${entity} | member | `),
      ...policies.flatMap(({ attachedTo }) => {
        const key = entity === own?.key ? entityKeyOf(attachedTo) : null
        return key?.includes(' group ') === true ? [key.split(' group ')[1] ?? ''] : []
      }),
      ...(entity === own?.key && caller.kind === 'found'
        ? (caller.value.groups ?? []).map(one => one.toLowerCase())
        : []),
    ]
    const found = {
      inline: once([
        ...history.suffixes(`${entity} | inline | `),
        ...read.flatMap(({ arn, name }) => (arn === null ? [name] : [])),
      ]),
      attached: once([...history.suffixes(`${entity} | attached | `), ...read.flatMap(({ arn }) => arn ?? [])]),
      groups: once(groups).map(name => {
        const key = groupKeyOf(account, name)
        return { key, name, arn: arns.get(key) ?? `arn:${partition}:iam::${account}:group/${name}` }
      }),
      tags: once(history.suffixes(`${entity} | tag | `)),
    }
    cache.set(entity, found)
    return found
  }
}

const once = (names: readonly string[]): readonly string[] => [...new Set(names)]

/** True for cells on which the answer may depend. */
function mineIn(history: PolicyHistory, names: EntityNames, { caller, role }: Subjects): (cell: string) => boolean {
  const entities = new Set<string>()
  const managed = new Set<string>()
  if (caller !== null) {
    entities.add(caller.key)
    for (const { key } of names(caller.key).groups) entities.add(key)
    for (const one of history.valuesOf(cells.boundary(caller.key)))
      if (one.kind === 'known' && typeof one.value === 'string') managed.add(cells.managed(one.value))
  }
  for (const entity of entities) for (const arn of names(entity).attached) managed.add(cells.managed(arn))
  return cell => {
    if (cell.startsWith('policy ')) return managed.has(cell)
    const [entity = '', kind = ''] = cell.split(' | ')
    if (entities.has(entity)) return kind !== 'trust'
    return role !== null && entity === role.key && (kind === 'trust' || kind === 'id' || kind === 'tag' || kind === '')
  }
}

function* contradictable(history: PolicyHistory, names: EntityNames, { caller, role }: Subjects): Iterable<string> {
  if (role !== null) yield cells.trust(role.key)
  if (caller === null) return
  yield cells.boundary(caller.key)
  for (const one of history.valuesOf(cells.boundary(caller.key)))
    if (one.kind === 'known' && typeof one.value === 'string') yield cells.managed(one.value)
  for (const entity of [caller.key, ...names(caller.key).groups.map(({ key }) => key)]) {
    const { inline, attached } = names(entity)
    for (const name of inline) yield cells.inline(entity, name)
    for (const arn of attached) {
      yield cells.attached(entity, arn)
      yield cells.managed(arn)
    }
  }
  for (const { name } of names(caller.key).groups) yield cells.member(caller.key, name)
}

/** The caller's ids that records show, by how often it had been made. */
function idsOf(history: PolicyHistory, { caller }: Subjects, denial: Denial, calls: readonly Denial[]) {
  const ids = new Map<number, string>()
  if (caller === null) return ids
  for (const [second] of history.seconds.entries()) {
    const made = history.at(cells.id(caller.key), second)
    if (made.kind === 'known' && typeof made.value === 'string' && /^A/.test(made.value))
      ids.set(history.era(caller.key, second), made.value)
  }
  for (const { principal, timeMs } of [denial, ...calls]) {
    const id = principal.uniqueId?.split(':')[0] ?? ''
    if (timeMs !== null && /^A[A-Z]{3}/.test(id) && callerKeyOf({ principal }) === callerKeyOf(denial))
      ids.set(history.era(caller.key, lastUntil(history.seconds, timeMs)), id)
  }
  return ids
}

/** A write of the second of the denial counts, unless the call was allowed only after it. */
function untilDenial({ history, relevant }: Timeframe, frame: ReturnType<typeof frameOf>, atMs: number): number {
  const until = lastUntil(history.seconds, atMs)
  if (history.seconds[until]?.atMs !== atMs || !relevant.includes(until)) return until
  const before = relevant.filter(one => one < until).at(-1) ?? -1
  return frame.after(before).answer === 'denied' && frame.after(until).answer === 'allowed' ? until - 1 : until
}

function betweenReading(
  time: Timeframe,
  frame: ReturnType<typeof frameOf>,
  until: number,
  readAtMs: number | null,
): Timeline['between'] {
  const { seconds } = time.history
  const read = readAtMs === null ? seconds.length - 1 : lastUntil(seconds, readAtMs)
  const [from, to] = [Math.min(read, until), Math.max(read, until)]
  const lastOf = (second: number) => frame.after(time.relevant.filter(one => one <= second).at(-1) ?? -1)
  const changed = changedBetween(time, frame, from, to)
  if (changed.kind !== 'yes' || lastOf(from).answer === lastOf(to).answer) return null
  return { write: changed.write, isReadBefore: read < until }
}

function solvedBy(
  denial: Denial,
  resource: string,
  calls: readonly Denial[],
  time: Timeframe,
  frame: ReturnType<typeof frameOf>,
  until: number,
): Solved | null {
  const timeMs = denial.timeMs ?? 0
  const later = calls.find(call => call.timeMs !== null && call.timeMs > timeMs && isSameCall(denial, resource, call))
  if (later === undefined) return null
  const atMs = later.timeMs ?? 0
  const between = changedBetween(time, frame, until, lastUntil(time.history.seconds, atMs))
  const isChange = between.kind !== 'no'
  return {
    ...{ atMs, eventId: later.id, afterMs: atMs - timeMs, by: isChange ? 'change' : 'time' },
    write: between.kind === 'no' ? null : between.write,
  }
}

/** The same caller, action and role, and for a pass the same service. */
export function isSameCall(denial: Denial, resource: string, call: Denial): boolean {
  if (call.action !== denial.action || callerKeyOf(call) === null || callerKeyOf(call) !== callerKeyOf(denial))
    return false
  if (!rolesOf(call).includes(resource)) return false
  if (denial.passes.length === 0) return true
  const [asked, given] = [denial, call].map(one => ({ ...one, resource, accountId: denial.accountId }))
  if (asked === undefined || given === undefined || !isSameNeed(asked, given)) return false
  const isSameOperation =
    denial.call.eventSource === call.call.eventSource && denial.call.eventName === call.call.eventName
  return isSameOperation || (namesService(asked, resource) && namesService(given, resource))
}

const namesService = ({ passes }: Denial, role: string): boolean =>
  (passes.find(({ arn }) => arn === role)?.service.values ?? []).some(({ evidence }) => evidence !== 'trust')

type RoleLife = {
  readonly ageMs: number | null
  readonly deletedAtMs: number | null
  /** It is absent, and no record makes or deletes it. */
  readonly isUnknownToTrail: boolean
}

function roleLife(
  writes: readonly TrailWrite[],
  key: string | null,
  timeMs: number | null,
  { targets }: AccessSnapshot,
  resource: string | null,
): RoleLife {
  const none = { ageMs: null, deletedAtMs: null, isUnknownToTrail: false }
  if (key === null || timeMs === null) return none
  const own = writes.filter(
    ({ eventName, accountId, parameters }) =>
      (eventName === 'CreateRole' || eventName === 'DeleteRole') &&
      `${accountId} role ${String(parameters?.['roleName']).toLowerCase()}` === key,
  )
  const read = targets.find(({ arn }) => arn === resource)?.role
  const made = own.filter(({ eventName, atMs }) => eventName === 'CreateRole' && atMs <= timeMs).at(-1)?.atMs
  const gone = own.find(({ atMs }) => atMs > timeMs)
  const createdAtMs = made ?? (read?.kind === 'found' ? read.value.createdAtMs : undefined)
  const isThere = own.filter(({ atMs }) => atMs <= timeMs).at(-1)?.eventName !== 'DeleteRole'
  return {
    ageMs: createdAtMs === undefined || createdAtMs > timeMs || !isThere ? null : timeMs - createdAtMs,
    deletedAtMs: isThere && gone?.eventName === 'DeleteRole' ? gone.atMs : null,
    isUnknownToTrail: read?.kind === 'absent' && own.length === 0,
  }
}

/** Names of groups that the caller is in or ever was, as far as records show. */
function groupsEver(
  { caller: own }: Subjects,
  { caller }: AccessSnapshot,
  writes: readonly TrailWrite[],
): ReadonlySet<string> {
  if (own?.kind !== 'user') return new Set()
  const read = caller.kind === 'found' ? caller.value : null
  const joined = writes.flatMap(({ eventName, parameters, accountId }) => {
    const [user, group] = [parameters?.['userName'], parameters?.['groupName']]
    const isOwn = typeof user === 'string' && entityKey(accountId, 'user', user) === own.key
    return isOwn && typeof group === 'string' && eventName.includes('Group') ? [group] : []
  })
  const policies = (read?.policies ?? []).flatMap(({ attachedTo }) => {
    const key = entityKeyOf(attachedTo)
    return key?.includes(' group ') === true ? [key.split(' group ')[1] ?? ''] : []
  })
  return new Set([...(read?.groups ?? []), ...policies, ...joined].map(name => name.toLowerCase()))
}

/** A user or group gets another name, and it is neither the caller nor one of its groups. */
function renamesAnother(
  { eventName, parameters, accountId }: TrailWrite,
  { caller }: Subjects,
  groups: ReadonlySet<string>,
): boolean {
  const kind = eventName === 'UpdateUser' ? 'user' : eventName === 'UpdateGroup' ? 'group' : null
  if (kind === null || parameters === null) return false
  const given = [parameters[`${kind}Name`], parameters[kind === 'user' ? 'newUserName' : 'newGroupName']]
  const names = given.flatMap(name => (typeof name === 'string' ? [name] : []))
  return kind === 'user'
    ? !names.some(name => entityKey(accountId, 'user', name) === caller?.key)
    : !names.some(name => groups.has(name.toLowerCase()))
}

/** What CloudTrail did not record after this is in no trail. The trail of an organization is in its management account. */
const endsRecording = ({ source, accountId }: TrailWrite, accounts: readonly (string | null)[]): boolean =>
  source === 'cloudtrail.amazonaws.com' && accounts.includes(accountId)
