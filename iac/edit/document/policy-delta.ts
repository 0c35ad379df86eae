/** What a change adds to a document: whole statements, or values of one list. */
import { canonicalJson, fail, ok, type Result } from '../../../core/base/index.ts'
import { list, type PolicyDocument, type Statement, valueAdded } from '../../../core/iam/index.ts'
import type { PolicyChange } from '../../../core/patch/index.ts'

/** `path`: from the statement to the list, such as `['Resource']` or `['Condition', 'StringEquals', 'aws:SourceAccount']`. */
export type GrownList = {
  readonly statement: Statement
  readonly path: readonly string[]
  readonly values: readonly string[]
}

export type PolicyDelta = {
  readonly added: readonly Statement[]
  readonly grown: readonly GrownList[]
  /** Expired statements. Code that contains one of them is not edited. */
  readonly dropped: readonly Statement[]
}

export function policyDelta({ before, after }: Pick<PolicyChange, 'before' | 'after'>): Result<PolicyDelta, string> {
  if (before === null) return ok({ added: after.Statement, grown: [], dropped: [] })
  if (before.Version !== after.Version || before.Id !== after.Id)
    return fail('the change is to the version of the policy, not to its statements')
  const was = new Set(before.Statement.map(canonicalJson))
  const now = new Set(after.Statement.map(canonicalJson))
  const removed = before.Statement.filter(statement => !now.has(canonicalJson(statement)))
  const fresh = after.Statement.filter(statement => !was.has(canonicalJson(statement)))
  const grown: GrownList[] = []
  const added: Statement[] = []
  const paired = new Set<Statement>()
  for (const statement of fresh) {
    const pairs = removed.flatMap(old => {
      const growth = paired.has(old) ? null : growthOf(old, statement)
      return growth === null ? [] : [growth]
    })
    const [only] = pairs
    if (only === undefined) added.push(statement)
    else {
      paired.add(only.statement)
      grown.push(only)
    }
  }
  return ok({ added, grown, dropped: removed.filter(statement => !paired.has(statement)) })
}

function growthOf(before: Statement, after: Statement): GrownList | null {
  const condition = valueAdded(before, after)
  if (condition !== null)
    return { statement: before, path: ['Condition', condition.operator, condition.key], values: condition.values }
  const [{ Resource: old, ...rest }, { Resource: next, ...others }] = [before, after]
  if (canonicalJson(rest) !== canonicalJson(others) || old === undefined || next === undefined) return null
  const [was, now] = [list(old), list(next)]
  if (now.length <= was.length || !was.every((one, index) => now[index] === one)) return null
  return { statement: before, path: ['Resource'], values: now.slice(was.length) }
}

export const documentOf = (statements: readonly Statement[]): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: statements,
})
