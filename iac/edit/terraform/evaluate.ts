/**
 * Evaluates expressions as far as they are certain: literals, templates, locals, variables with one possible value, and a few
 * functions. Everything else is open.
 * https://developer.hashicorp.com/terraform/language/expressions
 */
import type { Literal, LiteralEntry, MapLiteral, ScalarLiteral } from '../document/literal.ts'
import { memberOf, plainLiteral, scalarLiteralText, sizeOf } from '../document/literal.ts'
import { childOfType, childrenOfType, fieldOf, type SyntaxNode, syntaxText } from '../syntax-node.ts'
import { type Block, type Configuration, folderOf, givenValues, type Module, moduleCalled } from './configuration.ts'
import { callFunction } from './functions.ts'

/** The account of the target. Code that looks the account up is assumed to find this one. */
export type Account = { readonly accountId: string; readonly partition: string }

export type TerraformScope = {
  readonly configuration: Configuration
  readonly account: Account
  readonly module: Module
  /** The arguments of the module call. Null: a root module. */
  readonly given: ReadonlyMap<string, Given> | null
  readonly each: { readonly key: string; readonly value: Literal } | null
  readonly count: number | null
  /** Locals and variables that are already evaluated. */
  readonly known: Map<string, Literal | null>
}
type Given = { readonly file: string; readonly value: SyntaxNode; readonly scope: TerraformScope }

/** One element of a block with `for_each` or `count`. `index`: as in its address; empty for a block without them. */
export type Repetition = Pick<TerraformScope, 'each' | 'count'> & { readonly index: string }

const MAX_DEPTH = 60
/** Values that use each other twice would double in size at every step. */
const MAX_SIZE = 20_000
const MAX_TEXT = 200_000

export function evaluateExpression(file: string, node: SyntaxNode, scope: TerraformScope, depth = 0): Literal {
  const text = scope.configuration.texts.get(file) ?? ''
  const place = { file, start: node.start, end: node.end }
  const open = (): Literal => ({ kind: 'open', ...place, text: text.slice(node.start, node.end), pieces: [null] })
  const scalar = (value: ScalarLiteral['value']): Literal => ({ kind: 'scalar', ...place, value })
  const inner: Inner = child => (child == null ? open() : evaluateExpression(file, child, scope, depth + 1))
  if (depth > MAX_DEPTH) return open()
  const parts = node.children.filter(({ type }) => type !== 'comment')
  const [first] = parts
  switch (node.type) {
    case 'expression': {
      if (first?.type === '(' && parts.length === 3) return inner(parts[1])
      if (first?.type === 'variable_expr') return traversal(file, node, parts, scope, depth) ?? open()
      return parts.length === 1 ? inner(first) : open()
    }
    case 'literal_value':
    case 'bool_lit':
    case 'template_expr':
    case 'collection_value':
    case 'operation':
      return inner(first)
    case 'numeric_lit':
      return scalar(Number(syntaxText(node, text)))
    case 'true':
      return scalar(true)
    case 'false':
      return scalar(false)
    case 'null_lit':
      return scalar(null)
    case 'string_lit':
    case 'quoted_template':
      return template(node, place, text, inner)
    case 'heredoc_template':
      return heredoc(node, place, text, inner)
    case 'tuple': {
      const items = childrenOfType(node, 'expression').map(inner)
      return { kind: 'list', ...place, items, fixed: null }
    }
    case 'object':
      return object(node, place, text, inner) ?? open()
    case 'conditional': {
      const [condition, yes, no] = childrenOfType(node, 'expression')
      const known = inner(condition)
      if (known.kind !== 'scalar') return open()
      return inner(known.value === true || known.value === 'true' ? yes : no)
    }
    case 'unary_operation': {
      const operand = inner(operandOf(parts.slice(1), node))
      const value = plainLiteral(operand)
      if (syntaxText(first, text) === '!' && typeof value === 'boolean') return scalar(!value)
      return syntaxText(first, text) === '-' && typeof value === 'number' ? scalar(-value) : open()
    }
    case 'binary_operation': {
      const at = parts.findIndex(({ type }) => OPERATORS.has(type))
      const operator = parts[at]
      if (operator === undefined) return open()
      const [left, right] = [operandOf(parts.slice(0, at), node), operandOf(parts.slice(at + 1), node)]
      const answer = compared(inner(left), operator.type, inner(right))
      return answer === null ? open() : scalar(answer)
    }
    case 'function_call': {
      const called = syntaxText(childOfType(node, 'identifier'), text)
      const given = childrenOfType(childOfType(node, 'function_arguments'), 'expression')
      if (childOfType(childOfType(node, 'function_arguments'), 'ellipsis') !== null) return open()
      return callFunction(called, given.map(inner), place) ?? open()
    }
    default:
      return open()
  }
}

const OPERATORS = new Set(['==', '!=', '&&', '||'])

/** For `var.x == "y"`, the grammar has the parts of `var.x` next to the operator, without an expression node. */
const operandOf = (parts: readonly SyntaxNode[], within: SyntaxNode): SyntaxNode => ({
  ...within,
  type: 'expression',
  children: parts,
})

function compared(left: Literal, operator: string, right: Literal): boolean | null {
  if (left.kind !== 'scalar' || right.kind !== 'scalar') return null
  // The type of a variable converts its value, so "true" may be true.
  if (left.value !== null && right.value !== null && typeof left.value !== typeof right.value) return null
  const isLogical = operator === '&&' || operator === '||'
  if (isLogical && (typeof left.value !== 'boolean' || typeof right.value !== 'boolean')) return null
  switch (operator) {
    case '==':
      return left.value === right.value
    case '!=':
      return left.value !== right.value
    case '&&':
      return left.value === true && right.value === true
    case '||':
      return left.value === true || right.value === true
    default:
      return null
  }
}

/** Evaluates a child node. A missing node is open. */
type Inner = (node: SyntaxNode | null | undefined) => Literal
type At = { readonly file: string; readonly start: number; readonly end: number }

/** A quoted text, with or without interpolations. Uses offsets, because the grammar has no node for blanks next to an interpolation. */
function template(node: SyntaxNode, place: At, text: string, inner: Inner): Literal {
  const pieces: (string | null)[] = []
  let at = childOfType(node, 'quoted_template_start')?.end ?? node.start
  for (const child of node.children) {
    if (child.type !== 'template_interpolation' && child.type !== 'template_directive') continue
    const value = child.type === 'template_interpolation' ? interpolated(child, inner) : [null]
    pieces.push(unescaped(text.slice(at, child.start)), ...value)
    at = child.end
  }
  pieces.push(unescaped(text.slice(at, childOfType(node, 'quoted_template_end')?.start ?? node.end)))
  // The first and the last piece show how the name begins and ends.
  return textLiteral(
    pieces.filter(piece => piece !== ''),
    place,
    text,
  )
}

/** Without `-`, the text is unchanged. With `-`, Terraform removes indentation, which has no meaning in JSON, so it is kept here. */
function heredoc(node: SyntaxNode, place: At, text: string, inner: Inner): Literal {
  const { start, end } = heredocRange(node, text)
  const pieces: (string | null)[] = []
  let at = start
  for (const child of node.children) {
    if (child.type === 'template_directive') pieces.push(null)
    if (child.type !== 'template_interpolation') continue
    pieces.push(text.slice(at, child.start).replaceAll(/([$%])\1\{/g, '$1{'), ...interpolated(child, inner))
    at = child.end
  }
  return textLiteral([...pieces, text.slice(at, end).replaceAll(/([$%])\1\{/g, '$1{')], place, text)
}

/** The text between the first line and the closing word. */
export function heredocRange(node: SyntaxNode, text: string): { readonly start: number; readonly end: number } {
  return { start: text.indexOf('\n', node.start) + 1, end: text.lastIndexOf('\n', node.end - 1) + 1 }
}

function interpolated(node: SyntaxNode, inner: Inner): readonly (string | null)[] {
  const literal = inner(childOfType(node, 'expression'))
  return literal.kind === 'open' ? literal.pieces : [scalarLiteralText(literal)]
}

function textLiteral(pieces: readonly (string | null)[], place: At, text: string): Literal {
  const length = pieces.reduce((sum, piece) => sum + (piece?.length ?? 0), 0)
  const isKnown = pieces.every(piece => piece !== null) && length <= MAX_TEXT
  if (isKnown) return { kind: 'scalar', ...place, value: pieces.join('') }
  const open = length > MAX_TEXT || pieces.length > 100 ? [null] : pieces
  return { kind: 'open', ...place, text: text.slice(place.start, place.end), pieces: open }
}

const ESCAPES: { readonly [letter: string]: string } = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\' }

/** https://developer.hashicorp.com/terraform/language/expressions/strings#escape-sequences */
const unescaped = (text: string): string =>
  text.replaceAll(
    /\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([nrt"\\]))|([$%])\4\{/g,
    (whole, short, long, letter, sign) => {
      if (sign !== undefined) return `${sign}{`
      if (letter !== undefined) return ESCAPES[letter] ?? whole
      const code = Number.parseInt(short ?? long, 16)
      return code > 0x10ffff ? whole : String.fromCodePoint(code)
    },
  )

function object(node: SyntaxNode, place: At, text: string, inner: Inner): MapLiteral | null {
  const entries: LiteralEntry[] = []
  const names = new Set<string>()
  for (const element of childrenOfType(node, 'object_elem')) {
    const [key, value] = [fieldOf(element, 'key'), fieldOf(element, 'val')]
    const word = syntaxText(key, text)
    const known = /^[\w-]+$/.test(word) ? word : inner(key)
    const name = typeof known === 'string' ? known : known.kind === 'scalar' ? String(known.value) : null
    if (name === null || names.has(name)) return null
    names.add(name)
    entries.push({ key: name, start: element.start, value: inner(value) })
  }
  return { kind: 'map', ...place, entries, fixed: null }
}

/** The steps of `var.a.b["c"]`. Null: a step is not a plain name or a known key. */
export function traversalSteps(
  file: string,
  node: SyntaxNode,
  scope: TerraformScope,
  depth = 0,
): readonly (string | number)[] | null {
  const text = scope.configuration.texts.get(file) ?? ''
  const steps: (string | number)[] = []
  for (const part of node.children.filter(({ type }) => type !== 'comment')) {
    if (part.type === 'variable_expr' || part.type === 'get_attr')
      steps.push(syntaxText(childOfType(part, 'identifier'), text))
    else if (part.type === 'index') {
      const key = childOfType(childOfType(part, 'new_index'), 'expression')
      const known = key === null ? null : evaluateExpression(file, key, scope, depth + 1)
      if (known?.kind !== 'scalar' || known.value === null || typeof known.value === 'boolean') return null
      steps.push(known.value)
    } else return null
  }
  return steps
}

function traversal(
  file: string,
  node: SyntaxNode,
  parts: readonly SyntaxNode[],
  scope: TerraformScope,
  depth: number,
): Literal | null {
  const place = { file, start: node.start, end: node.end }
  const steps = traversalSteps(file, node, scope, depth)
  if (steps === null || parts.length === 0) return null
  const [root, name, ...rest] = steps
  const known = (value: ScalarLiteral['value']): Literal => ({ kind: 'scalar', ...place, value })
  switch (root) {
    case 'var':
      return reached(
        once(scope, `var.${String(name)}`, () => variable(scope, String(name), depth)),
        rest,
      )
    case 'local': {
      const local = scope.module.locals.get(String(name))
      if (local === undefined) return null
      return reached(
        once(scope, `local.${String(name)}`, () => evaluateExpression(local.file, local.value, scope, depth + 1)),
        rest,
      )
    }
    case 'each':
      if (scope.each === null) return null
      return name === 'key' ? known(scope.each.key) : reached(scope.each.value, rest)
    case 'count':
      return name === 'index' && scope.count !== null ? known(scope.count) : null
    case 'path':
      return name === 'module' ? known(scope.module.folder === '' ? '.' : scope.module.folder) : null
    case 'data': {
      // Another provider may be of another account.
      const isOther = () => scope.module.named.get(`data.${name}.${rest[0]}`)?.attributes.has('provider') === true
      if (name === 'aws_caller_identity' && rest[1] === 'account_id')
        return isOther() ? null : known(scope.account.accountId)
      return name === 'aws_partition' && rest[1] === 'partition' ? known(scope.account.partition) : null
    }
    case 'module':
      return once(scope, JSON.stringify(steps), () => outputOfCall(scope, String(name), rest, depth))
    default:
      return once(scope, JSON.stringify(steps), () => {
        const value = typeof root === 'string' ? resourceText(scope, root, steps.slice(1), depth) : null
        return value === null ? null : known(value)
      })
  }
}

/** A value that refers to itself has no value. */
function once(scope: TerraformScope, name: string, work: () => Literal | null): Literal | null {
  const before = scope.known.get(name)
  if (before !== undefined) return before
  scope.known.set(name, null)
  const value = work()
  const bounded = value !== null && sizeOf(value) > MAX_SIZE ? null : value
  scope.known.set(name, bounded)
  return bounded
}

function reached(from: Literal | null, steps: readonly (string | number)[]): Literal | null {
  let value = from
  for (const step of steps) {
    if (value?.kind === 'map') value = memberOf(value, String(step))
    else if (value?.kind === 'list' && typeof step === 'number') value = value.items[step] ?? null
    else return null
  }
  return value
}

/** The value of `module.orders.role_name` or `module.orders["a"].role_name`. */
function outputOfCall(
  scope: TerraformScope,
  name: string,
  steps: readonly (string | number)[],
  depth: number,
): Literal | null {
  const call = scope.module.named.get(`module.${name}`)
  if (call === undefined) return null
  const module = moduleCalled(scope.configuration, scope.module, call)
  const elements = elementsOf(call, scope, depth + 1)
  if (module === null || elements === null) return null
  const isOne = elements.length === 1 && elements[0]?.index === ''
  const element = isOne ? elements[0] : elements.find(({ index }) => index === indexText(steps[0]))
  const [output, ...rest] = isOne ? steps : steps.slice(1)
  const block = module.named.get(`output.${String(output)}`)
  const value = block?.attributes.get('value')?.value
  if (element === undefined || block === undefined || value === undefined) return null
  return reached(evaluateExpression(block.file, value, scopeOfCall(scope, module, call, element), depth + 1), rest)
}

/** The scope inside a called module. Its variables have the values of this call. */
export function scopeOfCall(
  scope: TerraformScope,
  module: Module,
  call: Block,
  { each, count }: Repetition,
): TerraformScope {
  const { configuration, account } = scope
  const given = [...call.attributes].map(
    ([name, { value }]) => [name, { file: call.file, value, scope: { ...scope, each, count } }] as const,
  )
  return { configuration, account, module, each: null, count: null, given: new Map(given), known: new Map() }
}

/**
 * The value of a variable: from arguments and from files that Terraform reads by itself, otherwise the default, if no other
 * file of values sets it.
 */
function variable(scope: TerraformScope, name: string, depth: number): Literal | null {
  const block = scope.module.variables.get(name)
  const fallback = block?.attributes.get('default')?.value
  const defaulted =
    block === undefined || fallback === undefined ? null : evaluateExpression(block.file, fallback, scope, depth + 1)
  if (scope.given !== null) {
    const given = scope.given.get(name)
    return given === undefined ? defaulted : evaluateExpression(given.file, given.value, given.scope, depth + 1)
  }
  const values = givenValues(scope.configuration, scope.module, name)
  const own = values.filter(({ file }) => folderOf(file) === scope.module.folder && AUTOMATIC.test(file))
  const [chosen] = own
  if (values.length === 0) return defaulted
  // The command line decides which of several files applies.
  if (chosen === undefined || values.length > 1) return null
  const { file, value } = chosen
  return 'kind' in value ? value : evaluateExpression(file, value, scope, depth + 1)
}

/** https://developer.hashicorp.com/terraform/language/values/variables#variable-definitions-tfvars-files */
const AUTOMATIC = /(?:^|\/)(?:terraform\.tfvars|[^/]+\.auto\.tfvars)(?:\.json)?$/

/** Name, id and ARN of a role, user or policy of the same module, and parts of generated names. */
function resourceText(
  scope: TerraformScope,
  type: string,
  steps: readonly (string | number)[],
  depth: number,
): string | null {
  const [label, ...rest] = steps
  const kind = Object.hasOwn(ENTITIES, type) ? ENTITIES[type] : undefined
  if (kind === undefined) return null
  const attribute = rest.at(-1)
  const block = scope.module.named.get(`${type}.${String(label)}`)
  if (block === undefined || rest.length > 2) return null
  const wanted = rest.length === 2 ? indexText(rest[0]) : ''
  const element = elementsOf(block, scope, depth)?.find(({ index }) => index === wanted)
  if (element === undefined) return null
  const within = { ...scope, each: element.each, count: element.count }
  const name = attributeText(block, 'name', within, depth)
  if (name === null) return null
  if (attribute === 'name' || (attribute === 'id' && type !== 'aws_iam_policy')) return name
  const path = block.attributes.has('path') ? attributeText(block, 'path', within, depth) : '/'
  if (attribute !== 'arn' || path === null) return null
  return `arn:${scope.account.partition}:iam::${scope.account.accountId}:${kind}${path}${name}`
}

const ENTITIES: { readonly [type: string]: string } = {
  aws_iam_role: 'role',
  aws_iam_user: 'user',
  aws_iam_policy: 'policy',
}

const indexText = (step: string | number | undefined): string => `[${JSON.stringify(step)}]`

export function attributeText(block: Block, name: string, scope: TerraformScope, depth = 0): string | null {
  const value = block.attributes.get(name)?.value
  return value === undefined ? null : scalarLiteralText(evaluateExpression(block.file, value, scope, depth + 1))
}

const ONCE: Repetition = { index: '', each: null, count: null }
export const MAX_ELEMENTS = 500

/**
 * Null: only the deploy knows how many there are. A block that is made or not, by `count = x ? 1 : 0`, has the one element that it
 * may have.
 */
export function elementsOf(block: Block, scope: TerraformScope, depth = 0): readonly Repetition[] | null {
  const forEach = block.attributes.get('for_each')?.value
  if (block.attributes.has('count')) {
    const number = countOf(block, scope, depth)
    if (number === null ? !isSwitched(block, scope, depth) : number > MAX_ELEMENTS) return null
    return Array.from({ length: number ?? 1 }, (_, at) => ({ index: `[${at}]`, each: null, count: at }))
  }
  if (forEach === undefined) return [ONCE]
  const pairs = pairsOf(evaluateExpression(block.file, forEach, scope, depth + 1))
  if (pairs === null || pairs.length > MAX_ELEMENTS) return null
  return pairs.map(each => ({ index: `[${JSON.stringify(each.key)}]`, each, count: null }))
}

/** True where the code holds its elements, and they are more than are read. */
export function hasTooMany(block: Block, scope: TerraformScope): boolean {
  const forEach = block.attributes.get('for_each')?.value
  const pairs = forEach === undefined ? null : pairsOf(evaluateExpression(block.file, forEach, scope))
  return (countOf(block, scope) ?? pairs?.length ?? 0) > MAX_ELEMENTS
}

/** Null: it has no count, or only the deploy knows it. */
export function countOf({ attributes, file }: Block, scope: TerraformScope, depth = 0): number | null {
  const count = attributes.get('count')?.value
  const number = count === undefined ? null : plainLiteral(evaluateExpression(file, count, scope, depth + 1))
  return typeof number === 'number' ? number : null
}

/** True for `count = x ? 1 : 0`, also where the value of `x` is known. */
export function isSwitched({ attributes, file }: Block, scope: TerraformScope, depth = 0): boolean {
  let node: SyntaxNode | undefined = attributes.get('count')?.value
  while (node !== undefined && node.type !== 'conditional') {
    const inner: readonly SyntaxNode[] = node.children.filter(({ type }) => !['comment', '(', ')'].includes(type))
    node = inner.length === 1 ? inner[0] : undefined
  }
  const branches = childrenOfType(node, 'expression')
    .slice(1)
    .map(branch => plainLiteral(evaluateExpression(file, branch, scope, depth + 1)))
  return branches.length === 2 && branches.includes(0) && branches.includes(1)
}

function pairsOf(over: Literal): readonly { readonly key: string; readonly value: Literal }[] | null {
  if (over.kind === 'map') return over.entries.map(({ key, value }) => ({ key, value }))
  if (over.kind !== 'list') return null
  const pairs = over.items.map(item => {
    const key = scalarLiteralText(item)
    return key === null ? null : { key, value: item }
  })
  return pairs.every(pair => pair !== null) ? pairs : null
}
