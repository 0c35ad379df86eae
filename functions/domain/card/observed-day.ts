/** Denials in accounts whose mode is observe: counted per channel and day, and posted once. */
import { asPlainText, DAY_MS, plural, shortened } from '../../../core/base/index.ts'
import { callerName, denialTitle, roleName } from '../../../core/denial/index.ts'
import { type AppliedMode, nextUp } from '../config/index.ts'
import { isObserved, type Proposal } from '../proposal/index.ts'

type Counts = { readonly [name: string]: number }

export type ObservedDay = {
  readonly denials: number
  /** Different denials: each would have had a card. */
  readonly distinct: number
  /** Those with a change to approve. */
  readonly changes: number
  /** Those without a change, whose card would have named an owner. */
  readonly informations: number
  readonly causes: Counts
  readonly principals: Counts
  readonly roles: Counts
  /** The settings with mode observe. */
  readonly settings: Counts
  /** Headlines of the first cards that would have been posted. */
  readonly cards: readonly string[]
  /** Why units could not be read, so that the lowest mode applied. Null: they were read. */
  readonly unread: string | null
}

export const NOTHING_OBSERVED: ObservedDay = {
  ...{ denials: 0, distinct: 0, changes: 0, informations: 0 },
  ...{ causes: {}, principals: {}, roles: {}, settings: {}, cards: [], unread: null },
}

const MAX_NAMES = 60
const MAX_CARDS = 5
const MAX_NAME_CHARS = 120
const NAMED = 5

export const dayOf = (ms: number): number => Math.floor(ms / DAY_MS)

/** `count`: the number of new denials. The first denial creates the proposal. */
export function withObserved(
  day: ObservedDay,
  { proposal, mode, count, isNew }: { proposal: Proposal; mode: AppliedMode; count: number; isNew: boolean },
): ObservedDay {
  const { denial, diagnosis, verification } = proposal
  const one = isNew ? 1 : 0
  const hasChange = isObserved(proposal) && verification !== null
  const title = `${asPlainText(denialTitle(denial))} (${verification?.risk ?? 'unknown'} risk)`
  return {
    denials: day.denials + count,
    distinct: day.distinct + one,
    changes: day.changes + (hasChange ? one : 0),
    informations: day.informations + (hasChange ? 0 : one),
    causes: counted(day.causes, diagnosis.cause, count),
    principals: counted(day.principals, denial.principal.roleArn ?? denial.principal.arn ?? callerName(denial), count),
    roles: counted(day.roles, denial.resource ?? roleName(denial), count),
    settings: counted(day.settings, mode.setting, count),
    cards:
      isNew && hasChange && day.cards.length < MAX_CARDS
        ? [...day.cards, shortened(title, MAX_NAME_CHARS * 2)]
        : day.cards,
    unread: day.unread ?? (mode.unread === null ? null : shortened(mode.unread, MAX_NAME_CHARS * 2)),
  }
}

/** A name beyond the limit is not counted. Frequent names are likely to be included, because each of their denials is another chance. */
function counted(counts: Counts, name: string, count: number): Counts {
  const key = shortened(name, MAX_NAME_CHARS)
  const present = Object.hasOwn(counts, key) ? counts[key] : undefined
  if (present === undefined && Object.keys(counts).length >= MAX_NAMES) return counts
  return { ...counts, [key]: (present ?? 0) + count }
}

export function observedDayText(day: ObservedDay, dayNumber: number): string {
  const date = new Date(dayNumber * DAY_MS).toISOString().slice(0, 10)
  return [
    `rolemedic observed on ${date} (UTC): ${plural(day.denials, 'denial')}, ${plural(day.distinct, 'card')} would have been posted: ${day.changes} with a change to approve, ${day.informations} that name whom to ask.`,
    ...named('Causes', day.causes),
    ...named('Busiest principals', day.principals),
    ...named('Busiest roles', day.roles),
    ...day.cards.map(card => `Would have been a card: ${card}`),
    ...(day.unread === null
      ? []
      : [`The units of some accounts could not be read, so the safest mode held: ${day.unread}`]),
    `Nothing was changed and nobody was asked. ${upLines(day)}`,
  ].join('\n')
}

function named(title: string, counts: Counts): readonly string[] {
  const sorted = Object.entries(counts).toSorted(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
  if (sorted.length === 0) return []
  const rest = sorted.length - NAMED
  const shown = sorted.slice(0, NAMED).map(([name, count]) => `${name} (${count})`)
  return [`${title}: ${[...shown, ...(rest > 0 ? [`${rest} more`] : [])].join(', ')}`]
}

function upLines({ settings }: ObservedDay): string {
  const lines = Object.keys(settings)
    .sort()
    .flatMap(setting => nextUp({ mode: 'observe', setting, unread: null }) ?? [])
  return lines.length === 0 ? '' : `For cards, write into rolemedic.config.json: ${lines.join(' or ')}`
}
