/** The one write that took an answer away: after it the call was denied, and before it was allowed, evaluated on both sides. */

import { canonicalJson, utcSecond } from '../base/index.ts'
import { type IssuedKeys, runBehind } from '../denial/index.ts'
import { type Answer, type ContextFacts, type Statement, timeContext, unknownKey } from '../iam/index.ts'
import type { Run } from '../runs/index.ts'
import { type CellValue, cells, type Effects, entityKey, type Reset } from './effects.ts'
import { guardTarget } from './guardrails.ts'
import type { PolicyHistory } from './history.ts'
import { allowingIn, type Lookup, type PastState, type StateQuestion, stateOf, trustResolver } from './states.ts'
import type { TrailWrite } from './trail.ts'

export type PermissionChange =
  | {
      readonly outcome: 'found'
      readonly write: TrailWrite
      /** The ARN of the entity that it changed. */
      readonly target: string
      /** The statements that had allowed the call and do so no more. Empty: something else denies it since. */
      readonly lost: readonly Statement[]
      /** Other ways to the same answer were closed earlier. */
      readonly othersClosed: boolean
      /** The run that made the write, as far as the trail shows it. */
      readonly run: Run | null
    }
  | { readonly outcome: 'never-allowed'; readonly sinceMs: number }
  | { readonly outcome: 'not-proved'; readonly why: string }

export type Timeframe = {
  readonly issued: IssuedKeys
  readonly question: Omit<StateQuestion, 'resolveTrust'>
  readonly history: PolicyHistory
  /** Seconds with writes that may matter, ascending. */
  readonly relevant: readonly number[]
  readonly isRelevant: (effects: Effects) => boolean
  /** Ids that the caller had, by how often it had been made. */
  readonly ids: ReadonlyMap<number, string>
}

export type Frame = {
  /** The state after the writes of a second; -1: before the first. */
  after(second: number): PastState
  /** The answer after the writes of a second at another time than that of the denial. Null: at any time. */
  answerAt(second: number, atMs: number | null): Answer
  /** The state after some of the writes of a second, in this order. */
  within(second: number, writes: readonly TrailWrite[]): PastState
}

const ANY_TIME: ContextFacts = Object.fromEntries(
  Object.keys(timeContext(0)).map(key => [key, unknownKey('it is asked for every time')]),
)

export function frameOf({ question, history, ids }: Timeframe): Frame {
  const resolver = trustResolver(history, question.subjects, ids)
  const states = new Map<number, PastState>()
  const stateWith = (second: number, lookup: Lookup) => stateOf({ ...question, resolveTrust: resolver(second) }, lookup)
  return {
    after(second) {
      const present = states.get(second)
      if (present !== undefined) return present
      const state = stateWith(second, cell => history.at(cell, second))
      states.set(second, state)
      return state
    },
    answerAt(second, atMs) {
      const { denial } = question
      const time = atMs === null ? ANY_TIME : timeContext(atMs)
      const asked = { ...question, denial: { ...denial, context: { ...denial.context, ...time } } }
      return stateOf({ ...asked, resolveTrust: resolver(second) }, cell => history.at(cell, second)).answer
    },
    within(second, writes) {
      const over = new Map<string, CellValue>()
      const reset = new Map<string, Reset>()
      const all = history.seconds[second]?.writes ?? []
      for (const write of writes) {
        const effects = all.find(one => one.write === write)?.effects
        if (effects?.kind !== 'effects') continue
        for (const one of effects.resets) {
          reset.set(one.entity, one)
          for (const cell of over.keys()) if (cell.startsWith(`${one.entity} | `)) over.delete(cell)
        }
        for (const effect of effects.effects) over.set(effect.cell, effect.value)
      }
      return stateWith(second, cell => {
        const present = over.get(cell)
        if (present !== undefined) return present
        const [entity = ''] = cell.split(' | ', 1)
        const cleared = cell === cells.id(entity) || cell.endsWith(' | *') ? undefined : reset.get(entity)
        return cleared?.cleared(cell).value ?? history.at(cell, second - 1)
      })
    },
  }
}

/** `until`: the last second that counts for the denial. */
export function findChange(time: Timeframe, frame: Frame, until: number, sinceMs: number): PermissionChange | null {
  const { history, relevant } = time
  const before = relevant.filter(second => second <= until)
  const last = before.at(-1) ?? -1
  // What was read later does not show what such a write changed.
  const blindAfter = relevant.find(second => second > until && blindIn(history, second) !== null)
  if (blindAfter !== undefined) return { outcome: 'not-proved', why: blindIn(history, blindAfter) ?? SAME_SECOND }
  const now = frame.after(last)
  if (now.answer === 'allowed') return null
  if (now.isCallerAbsent === true) return { outcome: 'not-proved', why: 'the caller was deleted before it was read' }
  if (now.answer === 'unknown') return { outcome: 'not-proved', why: now.why ?? 'what decides it was not seen' }
  for (const [index, second] of [...before.entries()].reverse()) {
    const blind = blindIn(history, second)
    if (blind !== null) return { outcome: 'not-proved', why: blind }
    // Whom a trust policy names depends on the order of these writes.
    if (isMadeAmongOthers(time, second)) return { outcome: 'not-proved', why: SAME_SECOND }
    const earlier = frame.after(before[index - 1] ?? -1)
    if (earlier.answer === 'unknown')
      return { outcome: 'not-proved', why: earlier.why ?? 'a document before a write was not seen' }
    if (earlier.answer === 'denied') {
      if (!isDeniedThroughout(time, frame, second)) return { outcome: 'not-proved', why: SAME_SECOND }
      continue
    }
    const write = deciding(time, frame, second)
    if (write === null) return { outcome: 'not-proved', why: SAME_SECOND }
    if (frame.answerAt(before[index - 1] ?? -1, write.atMs) !== 'allowed') return { outcome: 'not-proved', why: TIMED }
    if (write.atMs < sinceMs)
      return { outcome: 'not-proved', why: `the trail begins later in an account that counts (${utcSecond(sinceMs)})` }
    return {
      outcome: 'found',
      write,
      target: targetOf(write, time.question),
      lost: lostStatements(earlier, frame.after(second)),
      othersClosed: closedEarlier(frame, before.slice(0, index)),
      run: runBehind(write.record, null, time.issued),
    }
  }
  // A statement with an end of its own allowed it before, and no write shows that.
  const isTimed = [-1, ...before].some(second => frame.answerAt(second, null) !== 'denied')
  return isTimed ? { outcome: 'not-proved', why: TIMED } : { outcome: 'never-allowed', sinceMs }
}

const TIMED = 'a condition on the time decided it, which no write shows'

/** The policy, role, user, group, account or unit whose policies the write changed. */
function targetOf(write: TrailWrite, { subjects, names, denial, base }: Timeframe['question']): string {
  const { parameters, accountId } = write
  const { organization } = base
  const guarded = guardTarget(write, denial.partition, organization.known ? organization.value.id : null)
  if (guarded !== null) return guarded
  const text = (name: string): string | null => {
    const given = parameters?.[name]
    return typeof given === 'string' ? given : null
  }
  const { caller, role } = subjects
  const known = new Map<string, string>()
  if (caller !== null) {
    known.set(caller.key, caller.arn)
    for (const { key, arn } of names(caller.key).groups) known.set(key, arn)
  }
  if (role !== null) known.set(role.key, role.arn)
  for (const kind of ['user', 'role', 'group'] as const) {
    const name = text(`${kind}Name`)
    if (name === null) continue
    return known.get(entityKey(accountId, kind, name)) ?? `arn:${denial.partition}:iam::${accountId}:${kind}/${name}`
  }
  return text('policyArn') ?? `arn:${denial.partition}:iam::${accountId}:root`
}

function blindIn(history: PolicyHistory, second: number): string | null {
  for (const { effects } of history.seconds[second]?.writes ?? []) if (effects.kind === 'blind') return effects.why
  return null
}

const SAME_SECOND = 'two writes in one second: their order is not recorded'
const MAX_TOGETHER = 4

/** The caller or the role is made or deleted in the same second as another write that may matter. */
function isMadeAmongOthers({ history, isRelevant, question }: Timeframe, second: number): boolean {
  const { caller, role } = question.subjects
  const isOne = (entity: string): boolean => entity === caller?.key || entity === role?.key
  const writes = (history.seconds[second]?.writes ?? []).filter(({ effects }) => isRelevant(effects))
  return (
    writes.length > 1 &&
    writes.some(({ effects }) => effects.kind === 'effects' && effects.resets.some(({ entity }) => isOne(entity)))
  )
}

/** In no order of the writes of this second was the call allowed between two of them. */
function isDeniedThroughout({ history, isRelevant }: Timeframe, frame: Frame, second: number): boolean {
  const writes = (history.seconds[second]?.writes ?? []).filter(({ effects }) => isRelevant(effects))
  if (writes.length < 2) return true
  if (writes.length > MAX_TOGETHER) return false
  return orders(writes.map(({ write }) => write)).every(order =>
    order.every((_, index) => frame.within(second, order.slice(0, index + 1)).answer === 'denied'),
  )
}

/** Null: the order of the writes of this second decides which of them it was. */
function deciding({ history, isRelevant }: Timeframe, frame: Frame, second: number): TrailWrite | null {
  const writes = (history.seconds[second]?.writes ?? []).filter(({ effects }) => isRelevant(effects))
  const [only, ...more] = writes
  if (only === undefined) return null
  if (more.length === 0) return only.write
  if (writes.length > MAX_TOGETHER) return null
  const final = frame.after(second)
  const named = new Set<TrailWrite | null>()
  for (const order of orders(writes.map(({ write }) => write))) {
    const states = order.map((_, index) => frame.within(second, order.slice(0, index + 1)))
    // An order that ends elsewhere is not the one that was.
    if (final.answer !== 'unknown' && states.at(-1)?.answer !== final.answer) continue
    if (states.some(({ answer }) => answer === 'unknown')) return null
    const flip = states.findIndex(({ answer }, index) => answer === 'denied' && states[index - 1]?.answer !== 'denied')
    const flips = states.filter(({ answer }, index) => answer === 'denied' && states[index - 1]?.answer !== 'denied')
    named.add(flips.length === 1 ? (order[flip] ?? null) : null)
  }
  const [one = null] = named
  return named.size === 1 ? one : null
}

function orders<T>(items: readonly T[]): readonly (readonly T[])[] {
  if (items.length < 2) return [items]
  return items.flatMap((item, index) => orders(items.filter((_, at) => at !== index)).map(rest => [item, ...rest]))
}

function lostStatements(before: PastState, after: PastState): readonly Statement[] {
  const left = new Set(allowingIn(after).map(one => textOf(one)))
  return allowingIn(before)
    .filter(one => !left.has(textOf(one)))
    .map(({ statement }) => statement)
}

const textOf = ({ policy, statement }: ReturnType<typeof allowingIn>[number]): string =>
  canonicalJson([policy.type, policy.name, policy.arn, policy.attachedTo, statement])

const MAX_LOOKED_BACK = 200

/** An earlier write that left the call allowed took one of the statements that allowed it. */
function closedEarlier(frame: Frame, before: readonly number[]): boolean {
  const seconds = before.slice(-MAX_LOOKED_BACK)
  return seconds.some((second, index) => {
    const [earlier, now] = [frame.after(seconds[index - 1] ?? -1), frame.after(second)]
    return earlier.answer === 'allowed' && now.answer === 'allowed' && lostStatements(earlier, now).length > 0
  })
}

/** The last write of these seconds that changed the answer. `unclear`: what a write changed cannot be evaluated. */
export function changedBetween(
  { history, relevant, isRelevant }: Timeframe,
  frame: Frame,
  from: number,
  to: number,
): { readonly kind: 'no' } | { readonly kind: 'yes' | 'unclear'; readonly write: TrailWrite } {
  const between = relevant.filter(second => second > from && second <= to)
  const before = relevant.filter(second => second <= from).at(-1) ?? -1
  let last: { readonly kind: 'yes' | 'unclear'; readonly write: TrailWrite } | null = null
  let earlier = frame.after(before)
  for (const second of between) {
    const now = frame.after(second)
    const applied = (history.seconds[second]?.writes ?? []).filter(
      ({ effects }) => effects.kind === 'blind' || isRelevant(effects),
    )
    const [write] = applied.map(one => one.write)
    if (write !== undefined && now.answer !== earlier.answer)
      last = { kind: earlier.answer === 'unknown' || now.answer === 'unknown' ? 'unclear' : 'yes', write }
    else if (write !== undefined && now.answer === 'unknown' && last === null) last = { kind: 'unclear', write }
    earlier = now
  }
  return last ?? { kind: 'no' }
}
