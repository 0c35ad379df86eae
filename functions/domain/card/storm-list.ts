/** One line of a storm list: what was denied, and its current state. */
import { asPlainText, shortened } from '../../../core/base/index.ts'
import { callerName, denialTitle, roleName } from '../../../core/denial/index.ts'
import { approvalsOf, type Proposal, refusalOf } from '../proposal/index.ts'
import { NO_DIGEST } from './buttons.ts'
import { cardStateOf, isUndecided } from './headline.ts'

export type StormListItem = {
  readonly proposalId: string
  readonly digest: string
  readonly tone: string
  readonly text: string
  /** The current state. Absent in items of older versions. */
  readonly state?: string
  /** The link to its card. Absent: not known. */
  readonly link?: string
  /** What other entries may have in common with it, each bounded. Absent in items of older versions. */
  readonly same?: { readonly cause: string; readonly who: string; readonly action: string; readonly what: string }
  /** A denial has one entry, however often its card is posted again. Absent in items of older versions. */
  readonly fingerprint?: string
}

/** The storm list: one message in the chat, and the denials that it lists. */
export type StormList = {
  /** The message's id in the chat. Null: it is being posted. */
  readonly message: string | null
  readonly makingUntilMs: number
  /** The number of different denials, including those that are not listed any more. */
  readonly total: number
  readonly items: readonly StormListItem[]
  /** Fingerprints of the counted denials. Absent in items of older versions. */
  readonly fingerprints?: readonly string[]
  /** When the message was last updated because an entry changed. Absent: never. */
  readonly shownAtMs?: number
  /** True when the message is older than this stored list. */
  readonly pending?: boolean
}

const MAX_ITEMS = 40
const MAX_FINGERPRINTS = 500

/** The list with this entry. A denial has one entry, however often its card is posted again. Null: it is already listed. */
export function withEntry(list: StormList, item: StormListItem & { readonly fingerprint: string }): StormList | null {
  if (list.items.some(({ proposalId }) => proposalId === item.proposalId)) return null
  const { fingerprints = [] } = list
  const isNew = !fingerprints.includes(item.fingerprint)
  const at = list.items.findIndex(({ fingerprint }) => fingerprint === item.fingerprint)
  const items = at === -1 ? [...list.items, item].slice(0, MAX_ITEMS) : list.items.with(at, item)
  const seen = isNew ? [...fingerprints, item.fingerprint].slice(0, MAX_FINGERPRINTS) : fingerprints
  return { ...list, items, total: list.total + (isNew ? 1 : 0), fingerprints: seen }
}

const LONGEST_CHARS = 160
const LONGEST_NAME_CHARS = 80

export function stormListItem(
  proposal: Proposal,
  link: string | null,
): StormListItem & { readonly fingerprint: string } {
  const { tone, state } = cardStateOf(proposal)
  const { denial } = proposal
  const name = (text: string): string => shortened(text, LONGEST_NAME_CHARS)
  return {
    proposalId: proposal.id,
    digest: proposal.patch?.digest ?? NO_DIGEST,
    tone,
    text: shortened(asPlainText(denialTitle(denial)), LONGEST_CHARS),
    state: proposal.patch !== null && isUndecided(proposal) ? waiting(proposal) : state,
    same: {
      cause: causeKey(proposal),
      ...{ who: name(callerName(denial)), action: name(denial.action), what: name(roleName(denial)) },
    },
    fingerprint: proposal.fingerprint,
    ...(link === null ? {} : { link }),
  }
}

/** Denials with the same key have the same cause and the same kind of answer. */
export const causeKey = (proposal: Proposal): string =>
  [proposal.diagnosis.cause, proposal.patch === null ? (refusalOf(proposal)?.code ?? 'nothing') : 'change'].join('/')

/** Entries of one line, in the order of their first: the same state and cause, of one caller or of one role. */
export function grouped(items: readonly StormListItem[]): readonly (readonly StormListItem[])[] {
  const byWho = groupsOf(items, item => keyOf(item, 'who'))
  return groupsOf(byWho, ([first, ...others]) =>
    first === undefined || others.length > 0 ? null : keyOf(first, 'what'),
  ).map(group => group.flat())
}

const keyOf = ({ tone, state, same }: StormListItem, by: 'who' | 'what'): string | null =>
  same === undefined ? null : JSON.stringify([tone, state, same.cause, same.action, same[by]])

/** Null: alone. */
function groupsOf<T>(all: readonly T[], keyOfOne: (one: T) => string | null): readonly (readonly T[])[] {
  const groups = new Map<string, T[]>()
  for (const [at, one] of all.entries()) {
    const key = keyOfOne(one) ?? `alone ${at}`
    const known = groups.get(key)
    if (known === undefined) groups.set(key, [one])
    else known.push(one)
  }
  return [...groups.values()]
}

function waiting(proposal: Proposal): string {
  const given = approvalsOf(proposal).length
  return given === 0 ? 'Waits for approval' : `Waits for approval, ${given} given`
}
