/** A policy document in code: its statements, and how to add statements and values. */
import { canonicalJson, fail, ok, type Result } from '../../../core/base/index.ts'
import { list as listOf, parsePolicy, type Statement, samePolicy } from '../../../core/iam/index.ts'
import type { ListLiteral, Literal, MapLiteral, ScalarLiteral } from './literal.ts'
import { hasOpen, memberOf, plainLiteral } from './literal.ts'
import { documentOf, type GrownList, type PolicyDelta } from './policy-delta.ts'
import type { TextEdit } from './text-edit.ts'

export type DocumentSite = {
  /** The file that contains the document. */
  readonly file: string
  /** Each statement as plain data, in order. Null: the list is not written as a literal. */
  readonly statements: readonly unknown[] | null
  readonly append: (statements: readonly Statement[]) => Result<readonly TextEdit[], string>
  /** `index`: the position of the statement. */
  readonly grow: (
    index: number,
    path: readonly string[],
    values: readonly string[],
  ) => Result<readonly TextEdit[], string>
}

/** How a language writes values. */
export type Dialect = {
  readonly appendItem: (list: ListLiteral, values: readonly unknown[]) => Result<readonly TextEdit[], string>
  /** Turns a single value into a list of it and further values. */
  readonly wrap: (single: ScalarLiteral | MapLiteral, values: readonly unknown[]) => Result<readonly TextEdit[], string>
}

export function literalSite(document: Literal, dialect: Dialect): DocumentSite {
  const list = memberOf(document, 'Statement')
  const statements = list === null || list.kind === 'open' ? null : list.kind === 'list' ? list.items : [list]
  return {
    file: document.file,
    statements: statements?.map(plainLiteral) ?? null,
    append: added => {
      if (list?.kind === 'list') return dialect.appendItem(list, added)
      if (list?.kind === 'map') return dialect.wrap(list, added)
      return fail('its statements are not written out in the document')
    },
    grow: (index, path, values) => {
      let place: Literal | null = statements?.[index] ?? null
      for (const key of path) place = memberOf(place, key)
      if (place?.kind === 'list') return dialect.appendItem(place, values)
      if (place?.kind === 'scalar') return dialect.wrap(place, values)
      return fail(`${path.join(' › ')} is not written out in the document`)
    },
  }
}

const HAS_SID = 'the document already has a statement with the same Sid'
const HAS_IT =
  'the document already has this statement: deploy the code first. It is not certain that every deploy has the statement, and that nothing else denies the call'

/** The edits that apply this change to the document. */
export function siteEdits(site: DocumentSite, delta: PolicyDelta): Result<readonly TextEdit[], string> {
  const { statements } = site
  if (statements === null) return fail('its statements are not written out in the document')
  if (delta.dropped.some(dropped => indexOfStatement(statements, dropped) !== null))
    return fail('the document holds a statement that has expired: remove it first')
  const taken = delta.added.flatMap(added =>
    statements.filter(one => sidOf(one) !== null && sidOf(one) === added.Sid).map(one => isStatement(one, added)),
  )
  if (taken.length > 0) return fail(taken.every(isSame => isSame) ? HAS_IT : HAS_SID)
  const edits: TextEdit[] = []
  for (const { statement, path, values } of delta.grown) {
    const index = indexOfStatement(statements, statement)
    if (index === null) return fail('the statement whose list grows is not in the document, or not as IAM has it now')
    const grown = site.grow(index, path, values)
    if (!grown.ok) return grown
    edits.push(...grown.value)
  }
  if (delta.added.length > 0) {
    const added = site.append(delta.added)
    if (!added.ok) return added
    edits.push(...added.value)
  }
  return ok(edits)
}

const sidOf = (statement: unknown): unknown =>
  typeof statement === 'object' && statement !== null && 'Sid' in statement ? statement.Sid : null

/** The index of the only statement that equals this one. Null: none or several. */
function indexOfStatement(statements: readonly unknown[], wanted: Statement): number | null {
  const found = statements.flatMap((one, index) => (isStatement(one, wanted) ? [index] : []))
  return found.length === 1 ? (found[0] ?? null) : null
}

export function isStatement(plain: unknown, wanted: Statement): boolean {
  if (hasOpen(plain)) return false
  const read = parsePolicy({ Version: '2012-10-17', Statement: [plain] })
  return read.ok && samePolicy(read.value, documentOf([wanted]))
}

/**
 * True when the edited document is the old one plus exactly this change: every other statement keeps its value and order, and
 * the added parts equal the approved ones.
 */
export function isExactly(before: readonly unknown[], after: readonly unknown[] | null, delta: PolicyDelta): boolean {
  if (after === null || after.length !== before.length + delta.added.length) return false
  const grownAt = new Map(delta.grown.map(growth => [indexOfStatement(before, growth.statement), growth]))
  if (grownAt.size !== delta.grown.length || grownAt.has(null)) return false
  return after.every((statement, index) => {
    if (index >= before.length) {
      const wanted = delta.added[index - before.length]
      return wanted !== undefined && isStatement(statement, wanted)
    }
    const growth = grownAt.get(index)
    return growth === undefined
      ? canonicalJson(statement) === canonicalJson(before[index])
      : isStatement(statement, grownStatement(growth))
  })
}

function grownStatement({ statement, path, values }: GrownList): Statement {
  const [element, ...rest] = path
  if (element === 'Resource') return { ...statement, Resource: [...listOf(statement.Resource), ...values] }
  const [operator = '', key = ''] = rest
  const tests = statement.Condition?.[operator] ?? {}
  return {
    ...statement,
    Condition: {
      ...statement.Condition,
      [operator]: { ...tests, [key]: [...listOf(tests[key]).map(String), ...values] },
    },
  }
}
