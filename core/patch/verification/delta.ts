/**
 * What a changed document allows that it did not allow before, in parts. Exact for the forms that drafts have, undecided for all others.
 */

import { isOwnStatement } from '../../actions/index.ts'
import { canonicalForm, canonicalJson } from '../../base/index.ts'
import { isValueList } from '../../diagnosis/index.ts'
import { hasExpired, list, type PolicyDocument, type Statement, type ValueAdded, valueAdded } from '../../iam/index.ts'
import { takesIn } from '../document-diff.ts'
import type { PolicyChange } from '../patch.ts'

export type Changed = Pick<PolicyChange, 'target' | 'before' | 'after'>

export type Part = {
  readonly change: Changed
  /** Only the new part of a statement. Null: the part is the whole document. */
  readonly statement: Statement | null
  /** The list that the value joined. A request without its key gains nothing. */
  readonly extended: ValueAdded | null
  /** Why it cannot be decided. Null: everything that the statement allows is new. */
  readonly undecided: string | null
}

/**
 * INVARIANT (delta): if every part is decided, the document allows what it allowed before, what the parts allow, and nothing
 * else. It removes only rolemedic grants that have ended.
 */
export function deltaOf(change: Changed, nowMs: number): readonly Part[] {
  const { before, after, target } = change
  const whole = (why: string): Part => ({ change, statement: null, extended: null, undecided: why })
  const old: PolicyDocument = before ?? { Version: '2012-10-17', Statement: [] }
  if (!isSameFrame(old, after)) return [whole(`it changes the Version or Id of the policy of ${target.name}`)]
  const removed = without(old.Statement, after.Statement)
  const added = without(after.Statement, old.Statement)
  const kept = new Set<Statement>()
  const gained = added.flatMap((statement): readonly Part[] => {
    const part = gainOf(change, statement, removed)
    if (part.from !== null) kept.add(part.from)
    return part.parts
  })
  const lost = removed
    .filter(statement => !kept.has(statement) && !hasEnded(statement, nowMs))
    .map((statement): Part => ({ change, statement, extended: null, undecided: lossOf(statement, target.name) }))
  return [...gained, ...lost]
}

/** Compares everything of two documents except their statements. */
function isSameFrame({ Statement: _, ...one }: PolicyDocument, { Statement: __, ...other }: PolicyDocument): boolean {
  const { Version, Id, ...more } = one
  const { Version: otherVersion, Id: otherId, ...others } = other
  return Version === otherVersion && Id === otherId && canonicalJson(more) === canonicalJson(others)
}

/** `from`: the replaced statement, which is a part of it. */
function gainOf(
  change: Changed,
  statement: Statement,
  removed: readonly Statement[],
): { readonly from: Statement | null; readonly parts: readonly Part[] } {
  const part = { change, statement, extended: null, undecided: null }
  if (statement.Effect !== 'Allow')
    return { from: null, parts: [{ ...part, undecided: `it adds a Deny to the policy of ${change.target.name}` }] }
  for (const from of removed) {
    if (from.Effect !== 'Allow') continue
    const value = valueAdded(from, statement)
    if (value !== null && isValueList(value.operator) && value.values.length > 0)
      return { from, parts: [{ ...part, statement: withOnly(statement, value), extended: value }] }
    if (from.Resource !== undefined && statement.Resource !== undefined && takesIn(statement, from)) {
      const Resource = list(statement.Resource).filter(resource => !list(from.Resource).includes(resource))
      return { from, parts: Resource.length === 0 ? [] : [{ ...part, statement: { ...statement, Resource } }] }
    }
  }
  return { from: null, parts: [part] }
}

const withOnly = (statement: Statement, { operator, key, values }: ValueAdded): Statement => ({
  ...statement,
  Condition: { ...statement.Condition, [operator]: { ...statement.Condition?.[operator], [key]: values } },
})

function without(statements: readonly Statement[], others: readonly Statement[]): readonly Statement[] {
  if (statements.length === 0 || others.length === 0) return statements
  const forms = new Set(others.map(canonicalForm))
  return statements.filter(statement => !forms.has(canonicalForm(statement)))
}

/** True for a rolemedic grant whose every end has passed: IAM applies the latest. */
function hasEnded(statement: Statement, nowMs: number): boolean {
  const ends = endsOf(statement)
  return isOwnStatement(statement) && hasExpired(statement, nowMs) && ends.every(end => end <= nowMs)
}

const DATE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/
const dateMs = (text: string): number => (DATE.test(text) ? Date.parse(text) : Number.NaN)

/** NaN: an end in an unsupported form, such as seconds since 1970 or another spelling of the operator. */
export const endsOf = ({ Condition = {} }: Statement): readonly number[] =>
  Object.entries(Condition)
    .filter(([operator]) => operator.toLowerCase() === 'datelessthan')
    .flatMap(([operator, keys]) =>
      Object.entries(keys)
        .filter(([key]) => key.toLowerCase() === 'aws:currenttime')
        .flatMap(([, values]) => list(values).map(value => (operator === END ? dateMs(String(value)) : Number.NaN))),
    )

const END = 'DateLessThan'

const lossOf = ({ Effect, Sid }: Statement, name: string): string => {
  const which = Sid === undefined ? 'a statement' : `the statement ${Sid}`
  return Effect === 'Deny'
    ? `it changes a Deny in the policy of ${name}`
    : `it changes or removes ${which} in the policy of ${name}`
}
