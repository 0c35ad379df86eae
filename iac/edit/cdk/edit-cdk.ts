/** Edits a CDK app: adds a statement at the construct that makes the role. */
import { fail, ok, type Result } from '../../../core/base/index.ts'
import type { Statement } from '../../../core/iam/index.ts'
import { hasDynamicReference, NOT_IN_TEMPLATES, type PolicyChange, type Target } from '../../../core/patch/index.ts'
import type { EntityHints, SourceFile } from '../code-change.ts'
import { isStatement } from '../document/document-site.ts'
import { policyDelta } from '../document/policy-delta.ts'
import { indentAt, lineEndAt, lineEndOf, type TextEdit, withEdits, withLineEnd } from '../document/text-edit.ts'
import type { CodeOwner, KindEdit } from '../kind-edit.ts'
import { grantedAlready } from '../present/granted-already.ts'
import { childOfType, descendants, fieldOf, type Parsers, type SyntaxNode, syntaxText } from '../syntax-node.ts'
import { type CodeLanguage, callArguments, literalValue } from './code-values.ts'
import { constructStatements } from './construct-statements.ts'
import { type FoundRole, findRole } from './find-role.ts'
import { iamImport, usesName } from './iam-import.ts'
import { type CdkSource, type ConstructCall, holderKey, IDENTIFYING, readCdk, snakeCase } from './made.ts'
import { type CodeStyle, PRINCIPALS, statementCode, statementValue } from './statement-code.ts'

export function editCdk(
  language: CodeLanguage,
  change: PolicyChange,
  files: readonly SourceFile[],
  hints: EntityHints,
  parsers: Parsers,
): KindEdit {
  const source = readCdk(files, language, parsers)
  const { target } = change
  if (source.files.size === 0 || target.kind === 'permission-set-inline-policy' || target.kind === 'managed-policy')
    return { found: false, broken: source.broken }
  const role = findRole(source, files, target, hints)
  if (role === null) return { found: false, broken: source.broken }
  if (!role.ok) return { found: true, result: role }
  const kind = language === 'python' ? 'cdk-python' : 'cdk-typescript'
  const { address } = role.value
  const present = grantedAlready(change, constructStatements(source, role.value, target))
  if (present !== null) return { found: true, result: ok({ files, kind, address, broken: source.broken, present }) }
  const edit = editOf(source, change, role.value)
  if (!edit.ok) return { found: true, result: fail(`${role.value.address} (${role.value.made.file}): ${edit.error}`) }
  const after = withEdits(files, edit.value.edits)
  const wrong = inexact(source, readCdk(after, language, parsers), role.value, edit.value)
  if (wrong !== null) return { found: true, result: fail(`${role.value.address} (${role.value.made.file}): ${wrong}`) }
  return { found: true, result: ok({ files: after, kind, address, broken: source.broken, present: null }) }
}

/** The construct that makes the target, or why it is not certain. Null: no code here makes it. */
export function ownerInCdk(
  language: CodeLanguage,
  target: Target,
  files: readonly SourceFile[],
  hints: EntityHints,
  parsers: Parsers,
): Result<CodeOwner, string> | null {
  const role = findRole(readCdk(files, language, parsers), files, target, hints)
  if (role?.ok !== true) return role
  const kind = language === 'python' ? 'cdk-python' : 'cdk-typescript'
  return ok({ kind, address: role.value.address, file: role.value.made.file })
}

type Addition = {
  readonly edits: readonly TextEdit[]
  readonly callee: string
  readonly statements: readonly Statement[]
  readonly style: CodeStyle
}

function editOf(source: CdkSource, change: PolicyChange, role: FoundRole): Result<Addition, string> {
  const { made } = role
  const { text, root } = made
  const delta = policyDelta(change)
  if (!delta.ok) return delta
  if (hasDynamicReference([change.target, change.after])) return fail(NOT_IN_TEMPLATES)
  const property = IDENTIFYING.find(name => isResolved(made.place.props.get(name), text))
  if (property !== undefined) return fail(`its ${property} has a dynamic reference, which only the deploy knows`)
  if (delta.value.grown.length > 0)
    return fail('the change adds a value to a statement that is elsewhere in the code: add it there')
  const callee = calleeOf(change.target, role, source)
  if (callee === null)
    return fail(
      'the code has no variable for it whose type can take a statement: assign it to one, and add the snippet below',
    )
  if ((source.byHolder.get(holderKey(made.file, made.holder ?? '', made.inClass)) ?? []).length > 1)
    return fail(`${made.holder} is assigned more than once`)
  const { added } = delta.value
  if (added.some(({ Sid }) => Sid !== undefined && hasText(root, text, Sid)))
    return fail('the code already has a statement with the same Sid')
  const { statement: own, block } = made.place
  const at = placeAfter(own, block, made.holder ?? '', text)
  if (at === null) return fail('the next statement is on the same line')
  const { style, importEdit } = styleOf(source, role, added)
  if (style === null) return fail('the file has no import that the statement could follow')
  const indent = indentAt(text, own.start)
  const lines = added.map(statement => {
    const code = statementCode(statement, indent, style)
    return code === null ? null : `\n${indent}${callee}(${code})${style.end}`
  })
  if (!lines.every(line => line !== null))
    return fail('the statement has a principal or an element that is not written as code')
  const written = { file: made.file, start: at, end: at, text: withLineEnd(lines.join(''), lineEndOf(text)) }
  return ok({ edits: [...importEdit, written], callee, statements: added, style })
}

/**
 * True when CloudFormation resolves the value during the deploy.
 * https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.CfnDynamicReference.html
 */
function isResolved(node: SyntaxNode | null | undefined, text: string): boolean {
  const written = node == null ? '' : syntaxText(node, text)
  return hasDynamicReference(written) || /\b(?:CfnDynamicReference|SecretValue)\b/.test(written)
}

function calleeOf({ kind }: Target, { made, grant, isRole }: FoundRole, source: CdkSource): string | null {
  if (made.holder === null) return null
  const isPython = source.language === 'python'
  const isInterface = !isPython && hasInterfaceType(made)
  if (kind === 'role-trust-policy') {
    if (!isRole || isInterface) return null
    return isPython
      ? `${made.holder}.assume_role_policy.add_statements`
      : `${made.holder}.assumeRolePolicy?.addStatements`
  }
  // Of the interfaces, only `IRole` and `IUser` have a method for this.
  if (isInterface) return isRole ? `${made.holder}.addToPrincipalPolicy` : null
  return `${made.holder}.${isPython ? snakeCase(grant) : grant}`
}

/** True when the variable or property is declared as an interface, such as `iam.IRole`. */
function hasInterfaceType({ text, root, holder }: ConstructCall): boolean {
  const name = holder?.split('.').at(-1)
  for (const node of descendants(root)) {
    if (node.type !== 'public_field_definition' && node.type !== 'variable_declarator') continue
    const type = syntaxText(fieldOf(node, 'type'), text)
    if (syntaxText(fieldOf(node, 'name'), text) === name && /(?:^|[.\s:])I[A-Z]\w*$/.test(type)) return true
  }
  return false
}

/** The offset of the line end after the existing statements that add to the same role. */
function placeAfter(statement: SyntaxNode, block: SyntaxNode, holder: string, text: string): number | null {
  const following = block.children.slice(block.children.indexOf(statement) + 1).filter(({ type }) => type !== 'comment')
  const isAddition = (one: SyntaxNode): boolean => {
    const call = childOfType(one, 'call_expression') ?? childOfType(one, 'call')
    return syntaxText(fieldOf(call, 'function'), text).startsWith(`${holder}.add`)
  }
  const next = following.find(one => !isAddition(one))
  const last = following[(next === undefined ? following.length : following.indexOf(next)) - 1] ?? statement
  const lineEnd = lineEndAt(text, last.end)
  return next !== undefined && next.start < lineEnd ? null : lineEnd
}

function hasText(root: SyntaxNode, text: string, wanted: string): boolean {
  for (const node of descendants(root)) if (node.type === 'string' && literalValue(node, text) === wanted) return true
  return false
}

function styleOf(
  source: CdkSource,
  { made }: FoundRole,
  statements: readonly Statement[],
): { readonly style: CodeStyle | null; readonly importEdit: readonly TextEdit[] } {
  const { language } = source
  const { text, root } = made
  const none = { style: null, importEdit: [] }
  const isPython = language === 'python'
  const quote = (text.match(/"/g)?.length ?? 0) > (text.match(/'/g)?.length ?? 0) ? '"' : "'"
  const end: CodeStyle['end'] = !isPython && text.charAt(made.place.statement.end - 1) === ';' ? ';' : ''
  const common = { language, quote, step: stepIn(text, isPython), end } as const
  const found = iamImport(root, text, language)
  const names = ['PolicyStatement', ...principalsIn(statements)]
  const missing = names.filter(name => found.nameOf(name) === null)
  if (missing.length === 0) return { style: { ...common, nameOf: name => found.nameOf(name) ?? name }, importEdit: [] }
  if (found.lastImport === null) return none
  const hasMembers = names.length > missing.length || found.nameOf('Role') !== null
  if (!hasMembers && usesName(root, text, 'iam')) return none
  if (hasMembers && missing.some(name => usesName(root, text, name))) return none
  const line = importLine(missing, hasMembers, found.isVersion1, common)
  const start = lineEndAt(text, found.lastImport.end)
  return {
    style: { ...common, nameOf: name => found.nameOf(name) ?? (hasMembers ? name : `iam.${name}`) },
    importEdit: [{ file: made.file, start, end: start, text: withLineEnd(`\n${line}`, lineEndOf(text)) }],
  }
}

function importLine(
  missing: readonly string[],
  hasMembers: boolean,
  isVersion1: boolean,
  { language, quote, end }: Pick<CodeStyle, 'language' | 'quote' | 'end'>,
): string {
  if (language === 'python')
    return hasMembers ? `from aws_cdk.aws_iam import ${missing.join(', ')}` : 'from aws_cdk import aws_iam as iam'
  const what = hasMembers ? `{ ${missing.join(', ')} }` : '* as iam'
  return `import ${what} from ${quote}${isVersion1 ? '@aws-cdk/aws-iam' : 'aws-cdk-lib/aws-iam'}${quote}${end}`
}

const principalsIn = (statements: readonly Statement[]): readonly string[] => [
  ...new Set(
    statements.flatMap(({ Principal = {} }) =>
      Object.keys(Principal).flatMap(type => (Object.hasOwn(PRINCIPALS, type) ? [PRINCIPALS[type] ?? ''] : [])),
    ),
  ),
]

/** One level of indentation: the smallest of the file. */
function stepIn(text: string, isPython: boolean): string {
  const indents = text.match(/^(?:\t+| +)(?=[^\s*])/gm) ?? []
  if (indents.some(one => one.startsWith('\t'))) return '\t'
  const least = Math.min(...indents.map(one => one.length).filter(length => length > 1))
  return ' '.repeat(Number.isFinite(least) ? Math.min(least, 8) : isPython ? 4 : 2)
}

/** What is wrong with the edited source. Null: it makes the same constructs and adds exactly the approved statements. */
function inexact(before: CdkSource, after: CdkSource, { made }: FoundRole, addition: Addition): string | null {
  const edited = after.files.get(made.file)
  if (edited === undefined) return 'the edited file cannot be parsed'
  const { root, text } = edited
  const sameConstructs =
    before.made.length === after.made.length &&
    before.made.every(({ callee, scope, id, holder }, index) => {
      const other = after.made[index]
      return other?.callee === callee && other.scope === scope && other.id === id && other.holder === holder
    })
  if (!sameConstructs) return 'the edit would change which constructs are made'
  const { style, callee, statements } = addition
  const found = iamImport(root, text, after.language)
  if (found.nameOf('PolicyStatement') !== style.nameOf('PolicyStatement'))
    return 'the name of the IAM module is not certain'
  const added = addedCalls(root, text, callee).flatMap(callArguments)
  const calls = added.map(one => statementValue(one, text, style))
  const missing = statements.filter(statement => calls.filter(one => isStatement(one, statement)).length !== 1)
  return missing.length === 0 ? null : 'the added statement is not what was approved'
}

const addedCalls = (root: SyntaxNode, text: string, callee: string): readonly SyntaxNode[] =>
  [...descendants(root)].filter(node => syntaxText(fieldOf(node, 'function'), text) === callee)
