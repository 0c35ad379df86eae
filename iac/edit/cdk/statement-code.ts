/**
 * Converts between a statement and the code of a `PolicyStatement`.
 * https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_iam.PolicyStatement.html
 */
import { list, type Statement } from '../../../core/iam/index.ts'
import { fieldOf, type SyntaxNode, syntaxText } from '../syntax-node.ts'
import { type CodeLanguage, callArguments, entriesOf, type KnownValue, literalValue } from './code-values.ts'
import { snakeCase } from './made.ts'

export type CodeStyle = {
  readonly language: CodeLanguage
  readonly quote: "'" | '"'
  /** One level of indentation. */
  readonly step: string
  readonly end: ';' | ''
  readonly nameOf: (member: string) => string
}

/** The CDK class for each type of principal. */
export const PRINCIPALS: { readonly [type: string]: string } = {
  AWS: 'ArnPrincipal',
  Service: 'ServicePrincipal',
  Federated: 'FederatedPrincipal',
}

/** Null: an element of the statement cannot be written in this form. */
export function statementCode(statement: Statement, indent: string, style: CodeStyle): string | null {
  if (statement.Effect !== 'Allow' || statement.NotPrincipal !== undefined) return null
  const principals = principalsCode(statement, style)
  if (principals === null) return null
  const inner = `${indent}${style.step}`
  const props: readonly (readonly [string, string])[] = [
    ...(statement.Sid === undefined ? [] : [['sid', quoted(statement.Sid, style)] as const]),
    ...texts('principals', principals),
    ...lists('actions', statement.Action, style),
    ...lists('notActions', statement.NotAction, style),
    ...lists('resources', statement.Resource, style),
    ...lists('notResources', statement.NotResource, style),
    ...(statement.Condition === undefined
      ? []
      : [['conditions', valueCode(statement.Condition, inner, style)] as const]),
  ]
  const name = style.nameOf('PolicyStatement')
  if (style.language === 'python') {
    const lines = props.map(([key, value]) => `${inner}${snakeCase(key)}=${value},\n`)
    return `${name}(\n${lines.join('')}${indent})`
  }
  const lines = props.map(([key, value]) => `${inner}${key}: ${value},\n`)
  return `new ${name}({\n${lines.join('')}${indent}})`
}

const texts = (key: string, values: readonly string[]): readonly (readonly [string, string])[] =>
  values.length === 0 ? [] : [[key, `[${values.join(', ')}]`]]

const lists = (key: string, value: string | readonly string[] | undefined, style: CodeStyle) =>
  texts(
    key,
    list(value).map(one => quoted(one, style)),
  )

function principalsCode({ Principal }: Statement, style: CodeStyle): readonly string[] | null {
  if (Principal === undefined) return []
  const written: string[] = []
  for (const [type, names] of Object.entries(Principal)) {
    const made = Object.hasOwn(PRINCIPALS, type) ? PRINCIPALS[type] : undefined
    for (const name of list<string>(names)) {
      // Only an ARN can be written with this class. Account ids and `*` have classes of their own.
      if (made === undefined || (type === 'AWS' && !name.startsWith('arn:'))) return null
      const more = type === 'Federated' ? ', {}' : ''
      const opening = style.language === 'python' ? '' : 'new '
      written.push(`${opening}${style.nameOf(made)}(${quoted(name, style)}${more})`)
    }
  }
  return written
}

function valueCode(value: unknown, indent: string, style: CodeStyle): string {
  if (typeof value === 'string') return quoted(value, style)
  if (Array.isArray(value)) return `[${value.map(item => valueCode(item, indent, style)).join(', ')}]`
  if (typeof value !== 'object' || value === null)
    return style.language === 'python' && typeof value === 'boolean' ? (value ? 'True' : 'False') : String(value)
  const inner = `${indent}${style.step}`
  const members = Object.entries(value).map(
    ([key, member]) => `${inner}${keyCode(key, style)}: ${valueCode(member, inner, style)},\n`,
  )
  return `{\n${members.join('')}${indent}}`
}

const keyCode = (key: string, style: CodeStyle): string =>
  style.language === 'typescript' && /^[A-Za-z]\w*$/.test(key) ? key : quoted(key, style)

const quoted = (text: string, { quote }: CodeStyle): string => {
  const escaped = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll(quote, `\\${quote}`)
  return `${quote}${escaped}${quote}`
}

const ELEMENTS: { readonly [prop: string]: string } = {
  sid: 'Sid',
  actions: 'Action',
  notActions: 'NotAction',
  resources: 'Resource',
  notResources: 'NotResource',
  conditions: 'Condition',
}

/** The statement that a `PolicyStatement` in the source makes. Null: not certain. */
export function statementValue(node: SyntaxNode, text: string, style: Pick<CodeStyle, 'language' | 'nameOf'>): unknown {
  const isPython = style.language === 'python'
  const callee = syntaxText(fieldOf(node, isPython ? 'function' : 'constructor'), text)
  if (callee !== style.nameOf('PolicyStatement')) return null
  const given = propsOf(node, text, isPython)
  if (given === null) return null
  const statement: { [element: string]: KnownValue } = { Effect: 'Allow' }
  for (const [key, value] of given) {
    // `ALLOW` is the default.
    if (key === 'effect' && syntaxText(value, text) === `${style.nameOf('Effect')}.ALLOW`) continue
    const known = literalValue(value, text, one => principalValue(one, text, style))
    if (known === undefined) return null
    if (key === 'principals') statement['Principal'] = merged(known)
    else if (Object.hasOwn(ELEMENTS, key)) statement[ELEMENTS[key] ?? ''] = known
    else return null
  }
  return statement
}

function propsOf(node: SyntaxNode, text: string, isPython: boolean): ReadonlyMap<string, SyntaxNode> | null {
  const given = callArguments(node)
  const [only, ...more] = given
  if (!isPython) return only?.type === 'object' && more.length === 0 ? entriesOf(only, text) : null
  const props = new Map<string, SyntaxNode>()
  for (const one of given) {
    const key = syntaxText(fieldOf(one, 'name'), text)
    const value = fieldOf(one, 'value')
    const found = ['effect', 'principals', ...Object.keys(ELEMENTS)].find(prop => snakeCase(prop) === key)
    // `actions := …` has a name and a value too, but is not a keyword argument.
    if (one.type !== 'keyword_argument' || value === null || found === undefined || props.has(found)) return null
    props.set(found, value)
  }
  return props
}

export function principalValue(
  node: SyntaxNode,
  text: string,
  { language, nameOf }: Pick<CodeStyle, 'language' | 'nameOf'>,
): KnownValue | undefined {
  const name = syntaxText(fieldOf(node, language === 'python' ? 'function' : 'constructor'), text)
  const type = Object.entries(PRINCIPALS).find(([, made]) => nameOf(made) === name)?.[0]
  const values = callArguments(node).map(one => literalValue(one, text))
  if (type === undefined || typeof values[0] !== 'string') return undefined
  return values.length === (type === 'Federated' ? 2 : 1) ? { [type]: values[0] } : undefined
}

/** Joins the principals of each type into one list. */
function merged(known: KnownValue): KnownValue {
  const all: { [type: string]: string[] } = {}
  for (const one of Array.isArray(known) ? known : [])
    for (const [type, name] of Object.entries(one ?? {})) all[type] = [...(all[type] ?? []), String(name)]
  return all
}
