/**
 * Whose device is this? Signs which passkey is whose, and which one is removed. It believes the key that signed its own request, people whose
 * passkeys count already, and what AWS says of an administrator; never Slack alone, and never `decide`.
 */
import { hash } from 'node:crypto'
import * as z from 'zod'
import { canonicalJson, digestOf, fail, never, ok, type Result } from '../../core/base/index.ts'
import {
  type Assertion,
  BY_ADMINISTRATOR,
  challengeOf,
  confirmationOf,
  credentialName,
  ENROLLMENT,
  type Enrollment,
  enrolledKey,
  enrollmentOf,
  isAsserted,
  ledgerKey,
  PASSKEY_CONFIRMATION,
  type PasskeyConfirmation,
  type PasskeyRule,
  passkeyCounts,
  personOfCaller,
  REVOCATION,
  type Revocation,
  readEnrollRequest,
  requestProblem,
  type SignedEnrollRequest,
  type StatementKind,
  statementBytes,
} from '../domain/authority/index.ts'
import { passkeyNotice } from '../domain/card/index.ts'
import { type BotConfig, CHAT_NAME } from '../domain/config/index.ts'
import type { Chat } from '../ports/chat.ts'
import type { Clock } from '../ports/clock.ts'
import type { Observer } from '../ports/observer.ts'
import type { Administrator, Administrators } from '../ports/passkeys/administrators.ts'
import type { Renderer } from '../ports/renderer.ts'
import type { Keys, Signer } from '../ports/signer.ts'
import type { ObjectLedger } from '../ports/writing/object-ledger.ts'
import { approverGroups, isAnyApprover, mayVouchFor } from '../workflows/approval/approver-directory.ts'
import { inParallel } from '../workflows/in-parallel.ts'
import { enrolledPasskey, isRemoved, signedAt } from '../workflows/passkeys/enrolled.ts'

export type EnrollDeps = {
  readonly ledger: ObjectLedger
  /** Of the key of enrollments. */
  readonly signer: Signer
  readonly keys: Keys
  readonly deploymentId: string
  readonly passkeys: PasskeyRule
  readonly config: BotConfig
  readonly chat: Pick<Chat, 'groupMembers' | 'membership' | 'post'>
  readonly renderer: Pick<Renderer, 'notice'>
  readonly administrators: Administrators
  readonly clock: Clock
  readonly observer: Observer
}

const signedCaller = z.strictObject({ headers: z.record(z.string(), z.string()) })
/** Of an administrator, who may invoke the function. */
export const enrollAskSchema = z.discriminatedUnion('ask', [
  z.strictObject({ ask: z.literal('enroll'), request: z.string(), caller: signedCaller }),
  z.strictObject({ ask: z.literal('remove'), userId: z.string(), credential: z.string(), caller: signedCaller }),
  z.strictObject({ ask: z.literal('list'), caller: signedCaller }),
])
export type EnrollAsk = z.infer<typeof enrollAskSchema>

type Unsigned<T> = T extends unknown ? Omit<T, 'caller'> : never
export type UnsignedAsk = Unsigned<EnrollAsk>

/** What the caller signs. */
export const askDigest = (ask: UnsignedAsk): string => digestOf(ask)

/** `effectiveMs`: from when it counts at every risk. Null: one more person has to confirm it. */
export type ConfirmedPasskey = {
  readonly userId: string
  readonly confirmedBy: readonly string[]
  readonly effectiveMs: number | null
}
export type ListedPasskey = Pick<Enrollment, 'userId' | 'rpId' | 'isSynced' | 'confirmedBy' | 'atMs'> & {
  /** As `remove` takes it. */
  readonly credential: string
  readonly isRemoved: boolean
  /** Now, at every risk, on this page: whose people count and whether a device is asked for is another question. */
  readonly counts: boolean
}
/** `enrolled`: of the members of each group, those with a passkey that counts. Null: the group cannot be read. */
export type PasskeyList = {
  readonly passkeys: readonly ListedPasskey[]
  readonly groups: readonly { readonly group: string; readonly enrolled: readonly string[] | null }[]
}
export type EnrollAnswer = { readonly done: ConfirmedPasskey | Revocation | PasskeyList } | { readonly refused: string }

export type Enroll = ReturnType<typeof makeEnroll>

const DAY_MS = 24 * 60 * 60_000
/** Before so many people have one, two have to confirm each. */
const FIRST_PEOPLE = 2
const NEEDED = 2

export function makeEnroll(deps: EnrollDeps) {
  return {
    /** An administrator, by the command. */
    async asked({ caller, ...ask }: EnrollAsk): Promise<EnrollAnswer> {
      const administrator = await deps.administrators(caller, askDigest(ask))
      if (!administrator.ok) return { refused: administrator.error }
      const answer = await answerTo(ask, administrator.value, deps)
      return answer.ok ? { done: answer.value } : { refused: answer.error }
    },
    /** Another approver, by the page. */
    async confirmed(code: string, by: ConfirmingPasskey): Promise<Result<ConfirmedPasskey, string>> {
      const read = requestIn(code, deps)
      if (!read.ok) return read
      const confirming = await confirmingPerson(read.value, by, deps)
      return confirming.ok ? confirm(read.value, confirming.value, deps) : confirming
    },
  }
}

function answerTo(
  ask: UnsignedAsk,
  by: Administrator,
  deps: EnrollDeps,
): Promise<Result<ConfirmedPasskey | Revocation | PasskeyList, string>> {
  switch (ask.ask) {
    case 'enroll': {
      const read = requestIn(ask.request, deps)
      if (!read.ok) return Promise.resolve(read)
      return confirm(read.value, { ...by, name: `${BY_ADMINISTRATOR}${by.name}`, publicKey: null }, deps)
    }
    case 'remove':
      return remove(ask, by, deps)
    case 'list':
      return list(deps)
    default:
      return never(ask)
  }
}

function requestIn(code: string, { deploymentId, passkeys, clock }: EnrollDeps): Result<SignedEnrollRequest, string> {
  const read = readEnrollRequest(code)
  if (!read.ok) return read
  const problem = requestProblem(read.value, { deploymentId, origin: passkeys.origin, nowMs: clock() })
  return problem === null ? read : fail(problem)
}

export type ConfirmingPasskey = Assertion & { readonly userId: string; readonly credentialId: string }

/** Not the person themself; an approver today, of whatever the person approves; with a passkey that counts at every risk. */
async function confirmingPerson(
  { request }: SignedEnrollRequest,
  { userId, credentialId, ...assertion }: ConfirmingPasskey,
  deps: EnrollDeps,
): Promise<Result<Confirming, string>> {
  const { passkeys: rule, config, chat, clock } = deps
  if (!/^[A-Z0-9]{2,64}$/.test(userId)) return fail(`this is no user of ${CHAT_NAME}`)
  if (userId === request.userId) return fail('another person has to confirm it')
  const enrollment = await enrolledPasskey(userId, credentialId, deps)
  if (enrollment === null) return fail('this passkey is not enrolled')
  if (!isAsserted(assertion, enrollment.statement, challengeOf(confirmationOf(request)), rule.origin))
    return fail('the passkey has not signed this request')
  if (!passkeyCounts(rule, false, clock(), enrollment.statement))
    return fail('this passkey does not count at every risk yet')
  const [approver, member] = await Promise.all([isAnyApprover(config, userId, chat), chat.membership(userId)])
  const isOurs = approver.known && approver.value && member.known && member.value.kind === 'member'
  if (!isOurs) return fail('only approvers confirm passkeys')
  const { publicKey } = enrollment.statement
  return (await mayVouchFor(request.userId, userId, config, chat))
    ? ok({ name: userId, principal: userId, publicKey })
    : fail('this person approves where you do not: an approver of every account has to confirm it')
}

/** `publicKey`: of the passkey of an approver. Null: an administrator. */
type Confirming = Administrator & { readonly publicKey: string | null }

/**
 * Every confirmation is kept. Two administrators make the passkey count at once, one of them or two approvers after a day: a page asks
 * approvers for their confirmation, and the one who serves it could ask for one in place of an approval. One of each may be one person.
 */
async function confirm(
  signed: SignedEnrollRequest,
  by: Confirming,
  deps: EnrollDeps,
): Promise<Result<ConfirmedPasskey, string>> {
  const { deploymentId, clock, config, passkeys: rule } = deps
  const { request } = signed
  const { userId } = request
  const flaw = neverCounts(enrollmentOf(signed, [by.name], clock()), rule)
  if (flaw !== null) return fail(flaw)
  if (await isRemoved(request, deps)) return fail('this passkey was removed: make another one')
  const digest = digestOf(request)
  const placeOf = (part: string) => enrolledKey(deploymentId, userId, request.credentialId, part)
  const place = placeOf(`by-${shortHash(by.principal)}`)
  const statement: PasskeyConfirmation = {
    ...{ schema: 'rolemedic.confirmation/1', deploymentId, key: place, request: digest },
    ...{ by: by.name.slice(0, 300), publicKey: by.publicKey, atMs: clock() },
  }
  const isNew = await create(PASSKEY_CONFIRMATION, place, statement, deps)
  const given = await confirmationsOf(request, deps)
  const names = given.map(one => one.by)
  const administrators = differentOf(
    given.filter(one => one.publicKey === null).map(one => one.by),
    config,
  )
  // Two accounts with one passkey are one person.
  const approvers = [...new Map(given.map(one => [one.publicKey, one.by])).entries()].flatMap(([key, name]) =>
    key === null ? [] : [name],
  )
  const isSure = administrators.length >= NEEDED
  const counted = !isSure && approvers.length >= NEEDED ? approvers : administrators
  const isFirst = !(await hasFirstPeople(deps))
  if (counted.length < (isFirst ? NEEDED : 1)) {
    const waiting = { userId, confirmedBy: names, effectiveMs: null }
    const { isSynced } = enrollmentOf(signed, names, clock())
    if (isNew) await announce({ ...waiting, what: 'confirmed by one person', isSynced, id: place }, deps)
    return ok(waiting)
  }
  const record = isSure ? '2' : '1'
  const key = placeOf(record)
  const before = await signedAt(ENROLLMENT, key, deps)
  const enrollment = before?.statement ?? enrollmentOf(signed, counted.slice(0, 10), clock())
  if (before === null && !(await create(ENROLLMENT, key, enrollment, deps)))
    return fail('another object has its place: tell the people who run rolemedic')
  const effectiveMs = isSure ? enrollment.atMs : enrollment.atMs + DAY_MS
  const confirmed = { userId, confirmedBy: enrollment.confirmedBy, effectiveMs }
  await announce({ ...confirmed, what: 'enrolled', isSynced: enrollment.isSynced, id: key }, deps)
  return ok(confirmed)
}

/** Why no approval with it would count, at any risk and however long ago it was confirmed. Null: it may. */
function neverCounts(enrollment: Enrollment, rule: PasskeyRule): string | null {
  const { userId, isSynced, atMs } = enrollment
  if (passkeyCounts(rule, true, atMs, enrollment)) return null
  return rule.isDeviceBound && isSynced
    ? 'this passkey may be copied to other devices, and passkeys.deviceBound takes only such as cannot: use a security key'
    : `passkeys.people does not name ${userId}: no approval with this passkey would count`
}

/** One name of each person: the configuration may have learned of one in between, and an earlier version kept them otherwise. */
function differentOf(names: readonly string[], config: BotConfig): readonly string[] {
  const personOf = (name: string) => personOfCaller(name.slice(BY_ADMINISTRATOR.length), config) ?? name
  return [...Map.groupBy(names, personOf).values()].flatMap(([first]) => first ?? [])
}

/** Those of approvers whose passkey was not removed since. */
async function confirmationsOf(
  request: SignedEnrollRequest['request'],
  deps: EnrollDeps,
): Promise<readonly PasskeyConfirmation[]> {
  const { ledger, deploymentId } = deps
  const prefix = enrolledKey(deploymentId, request.userId, request.credentialId, 'by-')
  const found: PasskeyConfirmation[] = []
  for await (const key of ledger.keys(prefix)) {
    const one = (await signedAt(PASSKEY_CONFIRMATION, key, deps))?.statement
    if (one?.key !== key || one.request !== digestOf(request)) continue
    if (one.publicKey === null || !(await isRemoved({ publicKey: one.publicKey }, deps))) found.push(one)
  }
  return found.toSorted((a, b) => a.atMs - b.atMs || a.by.localeCompare(b.by))
}

/** The person's own device is lost, or the person is gone: what is taken away needs one administrator. */
async function remove(
  { userId, credential }: Extract<UnsignedAsk, { ask: 'remove' }>,
  by: Administrator,
  deps: EnrollDeps,
): Promise<Result<Revocation, string>> {
  const { deploymentId, clock } = deps
  const found = (await recordsBelow(ledgerKey('enrolled', deploymentId, userId, ''), deps)).find(
    one => one.userId === userId && credentialName(one) === credential,
  )
  if (found === undefined) return fail(`${userId} has no passkey ${credential}: list shows all`)
  const key = ledgerKey('revoked', deploymentId, credential)
  const { credentialId } = found
  const statement: Revocation = {
    ...{ schema: 'rolemedic.revocation/1', deploymentId, key, userId, credentialId },
    ...{ by: `${BY_ADMINISTRATOR}${by.name}`.slice(0, 300), atMs: clock() },
  }
  await create(REVOCATION, key, statement, deps)
  await announce(
    { what: 'removed', userId, confirmedBy: [statement.by], effectiveMs: null, isSynced: found.isSynced, id: key },
    deps,
  )
  return ok(statement)
}

const ANYBODY = { needed: 'always', origin: '', isDeviceBound: false, people: null } as const

async function list(deps: EnrollDeps): Promise<Result<PasskeyList, string>> {
  const { deploymentId, passkeys: rule, config, chat, clock } = deps
  const records = await recordsBelow(ledgerKey('enrolled', deploymentId, ''), deps)
  const { hostname } = new URL(rule.origin)
  const byCredential = [...Map.groupBy(records, one => `${one.userId} ${credentialName(one)}`).values()]
  const found: ListedPasskey[] = []
  await inParallel(
    byCredential,
    READS_AT_ONCE,
    () => false,
    async ([one, ...others]) => {
      if (one === undefined) return
      const enrollment = others.at(-1) ?? one
      const { userId, rpId, isSynced, confirmedBy, atMs } = enrollment
      const wasRemoved = await isRemoved(one, deps)
      const isOld = passkeyCounts(ANYBODY, false, clock(), enrollment)
      const facts = {
        credential: credentialName(one),
        isRemoved: wasRemoved,
        counts: !wasRemoved && rpId === hostname && isOld,
      }
      found.push({ ...facts, userId, rpId, isSynced, confirmedBy, atMs })
    },
  )
  found.sort((a, b) => a.userId.localeCompare(b.userId) || a.atMs - b.atMs)
  const counting = found.filter(({ counts, isSynced }) => counts && !(rule.isDeviceBound && isSynced))
  const people = new Set(counting.map(({ userId }) => userId))
  const groups = await Promise.all(
    approverGroups(config).map(async group => {
      const members = await chat.groupMembers(group)
      return { group, enrolled: members.known ? members.value.filter(id => people.has(id)) : null }
    }),
  )
  return ok({ passkeys: found, groups })
}

/** Every record, in the order of its key: of one passkey, the one that two administrators confirmed comes last. */
async function recordsBelow(prefix: string, deps: EnrollDeps): Promise<readonly Enrollment[]> {
  const keys = await recordKeys(prefix, deps)
  const found = new Map<string, Enrollment>()
  const read = async (key: string) => {
    const record = await signedAt(ENROLLMENT, key, deps)
    if (record !== null) found.set(key, record.statement)
  }
  await inParallel(keys, READS_AT_ONCE, () => false, read)
  return keys.flatMap(key => found.get(key) ?? [])
}

const READS_AT_ONCE = 16

async function recordKeys(prefix: string, { ledger }: EnrollDeps): Promise<readonly string[]> {
  const keys: string[] = []
  for await (const key of ledger.keys(prefix)) if (/\/[0-9a-f]{32}\/[12]$/.test(key)) keys.push(key)
  return keys
}

async function hasFirstPeople(deps: EnrollDeps): Promise<boolean> {
  const people = new Set<string>()
  const keys = await recordKeys(ledgerKey('enrolled', deps.deploymentId, ''), deps)
  const isEnough = () => people.size >= FIRST_PEOPLE
  // Two are nearly always among the first ones that are read.
  await inParallel(keys, FIRST_PEOPLE, isEnough, async key => {
    const record = await signedAt(ENROLLMENT, key, deps)
    if (record !== null) people.add(record.statement.userId)
  })
  return isEnough()
}

/** False: another object has the key. */
async function create<T>(
  kind: StatementKind<T>,
  key: string,
  statement: T,
  { ledger, signer }: EnrollDeps,
): Promise<boolean> {
  const signature = await signer.sign(statementBytes(kind, statement))
  return (await ledger.create(key, canonicalJson({ statement, signature }))) === 'created'
}

type Announced = Parameters<typeof passkeyNotice>[0]

/** What is signed stands, whatever Slack says. */
async function announce(what: Announced, { chat, renderer, config, observer }: EnrollDeps): Promise<void> {
  observer.log('warn', 'passkey_changed', { what: what.what, userId: what.userId, by: what.confirmedBy.join(', ') })
  try {
    await chat.post(config.channel, await renderer.notice(passkeyNotice(what)), what.id)
  } catch (error) {
    observer.log('error', 'passkey_not_announced', { userId: what.userId, error: String(error).slice(0, 300) })
    observer.count('FailedRequests')
  }
}

const shortHash = (text: string): string => hash('sha256', text).slice(0, 32)
