import { canonicalForm, canonicalJson, perObject, perPair } from '../base/index.ts'
import { list, type PolicyDocument, type Statement, type ValueAdded, valueAdded } from '../iam/index.ts'
import type { PolicyChange } from './patch.ts'

/** The difference between two documents, by statement. */
export type DocumentDiff = {
  readonly added: readonly Statement[]
  /** Statements that gain values in one condition list and are otherwise unchanged. */
  readonly extended: readonly (ValueAdded & { readonly statement: Statement })[]
  /** Statements that are deleted or changed in any other way. */
  readonly removed: readonly Statement[]
}

type AddedStatement = { readonly change: PolicyChange; readonly statement: Statement }

/** Cached, because ten guardrails compare the same documents. */
export const diffDocuments = (before: PolicyDocument | null, after: PolicyDocument): DocumentDiff =>
  diffOf(after, before)

const diffOf = perPair((after: PolicyDocument, before: PolicyDocument | null): DocumentDiff => {
  const old = before?.Statement ?? []
  if (old.length === 0) return { added: after.Statement, extended: [], removed: [] }
  const oldForms = new Set(old.map(canonicalForm))
  const newForms = new Set(after.Statement.map(canonicalForm))
  const deleted = old.filter(statement => !newForms.has(canonicalForm(statement)))
  const created = after.Statement.filter(statement => !oldForms.has(canonicalForm(statement)))

  const pairs = created.flatMap(statement => {
    const original = deleted.find(one => valueAdded(one, statement) !== null)
    const value = original === undefined ? null : valueAdded(original, statement)
    return original === undefined || value === null ? [] : [{ original, extended: { ...value, statement } }]
  })
  return {
    added: created.filter(statement => !pairs.some(pair => pair.extended.statement === statement)),
    extended: pairs.map(pair => pair.extended),
    removed: deleted.filter(statement => !pairs.some(pair => pair.original === statement)),
  }
})

export const addedStatements: (changes: readonly PolicyChange[]) => readonly AddedStatement[] = perObject(changes =>
  changes.flatMap(change => diffDocuments(change.before, change.after).added.map(statement => ({ change, statement }))),
)

/** True when both statements are equal, except that `wider` has more resources. */
export function takesIn(wider: Statement, statement: Statement): boolean {
  const resources = list(wider.Resource)
  if (!list(statement.Resource).every(resource => resources.includes(resource))) return false
  return canonicalJson({ ...wider, Resource: '' }) === canonicalJson({ ...statement, Resource: '' })
}
