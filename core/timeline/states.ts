/** The snapshot as it was between two writes, and the answer to the denied call then. */

import { ABSENT, found, known, type Unknown, unknown, unreadable } from '../base/index.ts'
import type { Denial } from '../denial/index.ts'
import { evaluateRole } from '../diagnosis/index.ts'
import {
  type AccessSnapshot,
  type Answer,
  type Evaluation,
  type Identity,
  list,
  type PolicyDocument,
  type PrincipalBlock,
  parseEntityArn,
  type Role,
  type SourcedPolicy,
  type Statement,
} from '../iam/index.ts'
import { type CellValue, cells, entityKey } from './effects.ts'
import type { Guardrails } from './guardrails.ts'
import type { PolicyHistory } from './history.ts'
import type { Subjects } from './reading.ts'

export type Lookup = (cell: string) => CellValue

export type PastState = {
  readonly answer: Answer
  readonly evaluation: Evaluation
  readonly why: string | null
  readonly isCallerAbsent?: true
}

export type StateQuestion = {
  readonly denial: Denial
  /** The role on which the answer is wanted. */
  readonly resource: string
  readonly base: AccessSnapshot
  readonly subjects: Subjects
  readonly names: EntityNames
  readonly guardrails: Pick<Guardrails, 'at' | 'uncovered'>
  /** A document of a trust policy as it was understood when it was written. */
  readonly resolveTrust: (document: PolicyDocument, lookup: Lookup) => PolicyDocument | null
}

/** Everything that an entity had at any time. */
export type EntityNames = (entity: string) => {
  readonly inline: readonly string[]
  readonly attached: readonly string[]
  readonly groups: readonly { readonly key: string; readonly name: string; readonly arn: string }[]
  readonly tags: readonly string[]
}

/** Tries each version of a policy whose default version is not known. */
export function stateOf(question: StateQuestion, lookup: Lookup): PastState {
  const open = new Map<string, number>()
  const first = evaluated(question, lookup, (cell, count) => {
    open.set(cell, count)
    return 0
  })
  const [choice, ...more] = open
  if (choice === undefined) return first
  if (more.length > 0) return { ...first, answer: 'unknown', why: SEVERAL }
  const [cell, count] = choice
  for (let pick = 1; pick < count; pick += 1) {
    const other = evaluated(question, lookup, one => (one === cell ? pick : 0))
    if (other.answer !== first.answer) return { ...first, answer: 'unknown', why: SEVERAL }
  }
  return first
}

const SEVERAL = 'several versions of a policy may have been the default one'

type VersionPick = (cell: string, count: number) => number

function evaluated(question: StateQuestion, lookup: Lookup, pick: VersionPick): PastState {
  const { denial, resource, base, subjects, guardrails } = question
  const unseen: Unknown[] = []
  const caller = subjects.caller === null ? base.caller : callerAt(question, lookup, pick, unseen)
  const { missing, scps, rcps } = guardrails.at(lookup)
  const snapshot = { ...base, caller, targets: targetsAt(question, lookup, unseen), scps, rcps }
  const evaluation = evaluateRole(denial, snapshot, resource)
  const { answer } = evaluation
  const guardWhy = missing === null ? guardrails.uncovered : `${missing.fact}: ${missing.why}`
  // A caller that does not exist calls nothing, also where a trust policy names it.
  if (caller.kind === 'absent' && subjects.caller !== null)
    return { answer: 'denied', evaluation, why: null, isCallerAbsent: true }
  if (guardWhy !== null && (missing !== null || isGuarded(evaluation))) {
    // Whatever the guardrails were, what these sides deny was denied.
    const alone = evaluateRole(denial, { ...snapshot, scps: NO_LEVELS, rcps: NO_LEVELS }, resource)
    if (alone.answer !== 'denied') return { answer: 'unknown', evaluation, why: guardWhy }
    return { answer: 'denied', evaluation: alone, why: null }
  }
  const why = answer === 'unknown' ? (unseen[0]?.why ?? whyUnknown(evaluation)) : null
  return { answer, evaluation, why }
}

const NO_LEVELS = known([])

const isGuarded = ({ answer, layers }: Evaluation): boolean =>
  answer === 'denied' &&
  layers.some(one => (one.type === 'scp' || one.type === 'rcp') && /^(?:explicit|implicit)-deny$/.test(one.answer))

/** What is not read of the other types counts neither as allow nor as deny. */
const OWN: readonly string[] = ['identity', 'trust', 'boundary']

function whyUnknown({ layers }: Evaluation): string {
  const own = layers.filter(({ type }) => OWN.includes(type))
  const [first] = own.flatMap(({ unknowns, about }) => [...unknowns, ...about.flatMap(one => one.unknowns)])
  return first === undefined ? 'what decides it was not seen' : `${first.fact}: ${first.why}`
}

function callerAt(
  { base, subjects, names }: StateQuestion,
  lookup: Lookup,
  pick: VersionPick,
  unseen: Unknown[],
): AccessSnapshot['caller'] {
  const { caller } = subjects
  if (caller === null) return base.caller
  const id = lookup(cells.id(caller.key))
  if (id.kind === 'known' && id.value === null) return ABSENT
  const entity = parseEntityArn(caller.arn)
  const own: Identity =
    base.caller.kind === 'found'
      ? base.caller.value
      : {
          ...{ kind: caller.kind, arn: caller.arn, accountId: entity?.accountId ?? '', name: entity?.name ?? '' },
          ...{ path: entity?.path ?? '/', uniqueId: null, tags: {}, policies: [], unseen: [], boundary: ABSENT },
        }
  const policies: SourcedPolicy[] = []
  const missing: Unknown[] = []
  const documentOf = (cell: string, fact: string): PolicyDocument | null => {
    const one = chosen(lookup(cell), cell, pick)
    if (one.kind === 'unknown') missing.push({ fact, why: one.why })
    return one.kind === 'known' && typeof one.value === 'object' ? one.value : null
  }
  const collect = (key: string, arn: string): void => {
    const { inline, attached } = names(key)
    for (const name of inline) {
      const document = documentOf(cells.inline(key, name), `inline policy ${name}`)
      if (document !== null) policies.push({ type: 'identity', name, arn: null, attachedTo: arn, document })
    }
    for (const policy of attached) {
      const is = lookup(cells.attached(key, policy))
      if (is.kind === 'unknown') missing.push({ fact: `attachment of ${policy}`, why: is.why })
      if (is.kind !== 'known' || is.value === null) continue
      const document = documentOf(cells.managed(policy), policy)
      const name = policy.slice(policy.lastIndexOf('/') + 1)
      if (document !== null) policies.push({ type: 'identity', name, arn: policy, attachedTo: arn, document })
    }
  }
  collect(caller.key, caller.arn)
  for (const { key, name, arn } of names(caller.key).groups) {
    const is = lookup(cells.member(caller.key, name))
    if (is.kind === 'unknown') missing.push({ fact: `membership of group ${name}`, why: is.why })
    if (is.kind !== 'known' || is.value === null) continue
    collect(key, arn)
    const others = lookup(`${key} | *`)
    if (others.kind === 'unknown') missing.push({ fact: `policies of group ${name}`, why: others.why })
  }
  const rest = lookup(`${caller.key} | *`)
  if (rest.kind === 'unknown') missing.push({ fact: `policies of ${caller.arn}`, why: rest.why })
  const other = lookup(`${caller.key} | other`)
  if (other.kind === 'known' && other.value === true)
    missing.push({ fact: `policies of ${caller.arn}`, why: 'the caller was deleted and made again since' })
  unseen.push(...missing)
  return found({
    ...own,
    ...tagsAt(own.tags, caller.key, names, lookup),
    uniqueId: id.kind === 'known' && typeof id.value === 'string' ? id.value : null,
    policies,
    unseen: missing,
    boundary: boundaryAt(caller.key, own, lookup, pick),
  })
}

const chosen = (one: CellValue, cell: string, pick: VersionPick): Exclude<CellValue, { kind: 'one-of' }> => {
  if (one.kind !== 'one-of') return one
  const picked = one.values[pick(cell, one.values.length)]
  return picked === undefined || picked.kind === 'one-of' ? { kind: 'unknown', why: SEVERAL } : picked
}

function boundaryAt(key: string, own: Identity, lookup: Lookup, pick: VersionPick): Identity['boundary'] {
  const is = lookup(cells.boundary(key))
  if (is.kind !== 'known') return unreadable(is.kind === 'unknown' ? is.why : SEVERAL)
  if (typeof is.value !== 'string') return is.value === null ? ABSENT : own.boundary
  const cell = cells.managed(is.value)
  const document = chosen(lookup(cell), cell, pick)
  if (document.kind === 'unknown') return unreadable(document.why)
  if (typeof document.value !== 'object' || document.value === null) return unreadable('the boundary does not exist')
  const name = is.value.slice(is.value.lastIndexOf('/') + 1)
  return found({ type: 'boundary', name, arn: is.value, attachedTo: own.arn, document: document.value })
}

/** One tag that is not known leaves it open what any condition on tags said. */
function tagsAt(
  tags: Identity['tags'],
  key: string,
  names: EntityNames,
  lookup: Lookup,
): Pick<Identity, 'tags' | 'tagsUnread'> {
  const at = new Map(Object.entries(tags))
  // Of an entity that was deleted since, nothing names the tags that it had.
  let isOpen = lookup(cells.tag(key, '*')).kind !== 'known'
  for (const tag of names(key).tags) {
    const is = lookup(cells.tag(key, tag))
    for (const present of [...at.keys()]) if (present.toLowerCase() === tag) at.delete(present)
    if (is.kind !== 'known') isOpen = true
    else if (typeof is.value === 'string') at.set(tag, is.value)
  }
  return { tags: Object.fromEntries(at), ...(isOpen ? { tagsUnread: true } : {}) }
}

function targetsAt(
  { base, subjects, names, resolveTrust }: StateQuestion,
  lookup: Lookup,
  unseen: Unknown[],
): AccessSnapshot['targets'] {
  const { role } = subjects
  if (role === null) return base.targets
  const trust = lookup(cells.trust(role.key))
  const read = base.targets.find(target => target.arn === role.arn)?.role
  const own = read?.kind === 'found' && read.value.arn === role.arn ? read.value : blankRole(role.arn)
  const near = unknown('not asked')
  const others = base.targets.filter(target => target.arn !== role.arn)
  if (trust.kind === 'known' && trust.value === null) return [{ arn: role.arn, role: ABSENT, near }, ...others]
  const document = trust.kind === 'known' && typeof trust.value === 'object' ? trust.value : null
  const resolved = document === null ? null : resolveTrust(document, lookup)
  const why = trust.kind === 'unknown' ? trust.why : 'it is not known whom the trust policy named'
  if (resolved === null) unseen.push({ fact: 'trust policy', why })
  const now: Role = {
    ...own,
    ...tagsAt(own.tags, role.key, names, lookup),
    trust: resolved === null ? unknown(why) : { known: true, value: resolved },
  }
  return [{ arn: role.arn, role: found(now), near }, ...others]
}

function blankRole(arn: string): Role {
  const entity = parseEntityArn(arn)
  return {
    ...{ kind: 'role', arn, accountId: entity?.accountId ?? '', name: entity?.name ?? '', path: entity?.path ?? '/' },
    ...{ uniqueId: null, tags: {}, policies: [], unseen: [], boundary: ABSENT, trust: unknown('not read') },
  }
}

const ALLOWING: readonly string[] = [...OWN, 'scp', 'rcp']

/** Statements of the state before that allowed the call. */
export const allowingIn = ({
  evaluation,
}: PastState): readonly { readonly policy: SourcedPolicy; readonly statement: Statement }[] =>
  evaluation.layers
    .filter(({ type }) => ALLOWING.includes(type))
    .flatMap(({ about }) => about)
    .filter(({ effect, matches }) => effect === 'Allow' && matches === 'yes')
    .flatMap(({ policy, index }) => {
      const statement = policy.document.Statement[index]
      return statement === undefined ? [] : [{ policy, statement }]
    })

/**
 * How a trust policy names a caller that was made again: IAM stores its id, and shows the ARN only while that id exists.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
 */
export function trustResolver(
  history: PolicyHistory,
  subjects: Subjects,
  ids: ReadonlyMap<number, string>,
): (second: number) => StateQuestion['resolveTrust'] {
  const { caller, role } = subjects
  return second => document => {
    if (caller === null || role === null) return document
    const last = history.seconds.length - 1
    const now = history.era(caller.key, second)
    if (history.era(caller.key, last) === 0) return document
    const written = eraWritten(history, cells.trust(role.key), document, second, caller.key)
    const id = ids.get(now) ?? null
    const old = [...ids].filter(([era]) => era !== now).map(([, one]) => one)
    let isOpen = false
    const named = (principal: string): string => {
      if (principal === caller.arn) return written === now ? principal : GONE
      if (!/^A(?:RO|ID)A[A-Z0-9]{8,}$/.test(principal)) return principal
      if (principal === id) return caller.arn
      if (id === null && !old.includes(principal)) isOpen = true
      return principal
    }
    const resolved = { ...document, Statement: document.Statement.map(one => withPrincipals(one, named)) }
    return isOpen ? null : resolved
  }
}

/** No principal has this id. */
const GONE = 'AROAGONEGONEGONEGONE0'

/** The era of the caller in which this document was written: what was read last is of the last one. */
function eraWritten(
  history: PolicyHistory,
  cell: string,
  document: PolicyDocument,
  second: number,
  caller: string,
): number {
  for (let at = second; at >= 0; at -= 1) {
    const wrote = history.seconds[at]?.writes.some(
      ({ effects }) =>
        effects.kind === 'effects' &&
        effects.effects.some(one => one.cell === cell && one.value.kind === 'known' && one.value.value === document),
    )
    if (wrote === true) return history.era(caller, at)
  }
  return history.era(caller, history.seconds.length - 1)
}

/** The statement with other names of AWS principals. */
export function withPrincipals(statement: Statement, named: (principal: string) => string): Statement {
  const { Principal } = statement
  if (Principal === undefined || Principal === '*' || Principal['AWS'] === undefined) return statement
  const block: PrincipalBlock = { ...(Principal as object), AWS: list(Principal['AWS']).map(named) }
  return { ...statement, Principal: block }
}

export const groupKeyOf = (accountId: string, name: string): string => entityKey(accountId, 'group', name)
