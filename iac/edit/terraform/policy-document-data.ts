/** `data "aws_iam_policy_document"` as a document. https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document */
import { fail, ok } from '../../../core/base/index.ts'
import { list, type PrincipalBlock, type Statement } from '../../../core/iam/index.ts'
import type { DocumentSite } from '../document/document-site.ts'
import { type Literal, plainLiteral } from '../document/literal.ts'
import { indentAt, isFirstOnLine, lineEndAt, lineEndOf, lineStart, withLineEnd } from '../document/text-edit.ts'
import type { Block } from './configuration.ts'
import { evaluateExpression, type TerraformScope } from './evaluate.ts'
import { alignedLines, hclDialect, hclString, hclText, type References } from './hcl-text.ts'

const ELEMENTS: readonly (readonly [attribute: string, element: string])[] = [
  ['sid', 'Sid'],
  ['actions', 'Action'],
  ['not_actions', 'NotAction'],
  ['resources', 'Resource'],
  ['not_resources', 'NotResource'],
]

export function dataSite(block: Block, scope: TerraformScope, references: References): DocumentSite {
  const textOf = (file: string) => scope.configuration.texts.get(file) ?? ''
  const valueIn = (from: Block, name: string): Literal | null => {
    const value = from.attributes.get(name)?.value
    return value === undefined ? null : evaluateExpression(from.file, value, scope)
  }
  const plain = (from: Block, name: string): unknown => {
    const value = valueIn(from, name)
    return value === null ? undefined : plainLiteral(value)
  }
  const own = block.blocks.filter(
    ({ type, labels }) => type === 'statement' || (type === 'dynamic' && labels[0] === 'statement'),
  )
  const readStatement = (statement: Block): unknown => {
    if (statement.type === 'dynamic')
      return { [`dynamic ${textOf(block.file).slice(statement.node.start, statement.node.end)}`]: true }
    const elements = ELEMENTS.map(([attribute, element]) => [element, plain(statement, attribute)] as const)
    const rest = statement.blocks.filter(({ type }) => !['principals', 'not_principals', 'condition'].includes(type))
    return {
      Effect: plain(statement, 'effect') ?? 'Allow',
      ...Object.fromEntries(elements.filter(([, value]) => value !== undefined)),
      ...principals(statement, 'principals', 'Principal', plain),
      ...principals(statement, 'not_principals', 'NotPrincipal', plain),
      ...conditions(statement, plain),
      ...(rest.length === 0 ? {} : { [`blocks ${rest.map(({ type }) => type).join(', ')}`]: true }),
    }
  }
  return {
    file: block.file,
    statements: own.map(readStatement),
    append: statements => {
      const text = textOf(block.file)
      const last = own.at(-1)
      if (statements.some(statement => !canBeBlock(statement)))
        return fail('the statement has an element that a statement block cannot hold')
      const closing = block.node.end - 1
      if (!isFirstOnLine(text, closing)) return fail('its data block is on one line')
      const indent = last === undefined ? `${indentAt(text, block.node.start)}  ` : indentAt(text, last.node.start)
      const blocks = statements.map(statement => statementBlock(statement, indent, references))
      const start = last === undefined ? lineStart(text, closing) : lineEndAt(text, last.node.end)
      const isEmpty = block.attributes.size === 0 && block.blocks.length === 0
      const written =
        last === undefined ? `${isEmpty ? '' : '\n'}${blocks.join('\n\n')}\n` : `\n\n${blocks.join('\n\n')}`
      return ok([{ file: block.file, start, end: start, text: withLineEnd(written, lineEndOf(text)) }])
    },
    grow: (index, [element, operator, key], values) => {
      const statement = own[index]
      if (statement === undefined) return fail('the statement is not written out')
      const dialect = hclDialect(textOf, references)
      const condition = statement.blocks.find(
        one => one.type === 'condition' && plain(one, 'test') === operator && plain(one, 'variable') === key,
      )
      const grown =
        element === 'Condition'
          ? condition === undefined
            ? null
            : valueIn(condition, 'values')
          : valueIn(statement, 'resources')
      if (grown?.kind !== 'list') return fail('the list that grows is not written out')
      return dialect.appendItem(grown, values)
    },
  }
}

type Plain = (from: Block, name: string) => unknown

function principals(statement: Block, type: string, element: string, plain: Plain): object {
  const blocks = statement.blocks.filter(block => block.type === type)
  if (blocks.length === 0) return {}
  const byType = new Map<string, unknown[]>()
  for (const block of blocks) {
    const name = String(plain(block, 'type'))
    byType.set(name, [byType.get(name) ?? [], plain(block, 'identifiers')].flat())
  }
  const anyone = byType.get('*')
  if (byType.size === 1 && anyone?.length === 1 && anyone[0] === '*') return { [element]: '*' }
  return { [element]: Object.fromEntries(byType) }
}

function conditions(statement: Block, plain: Plain): object {
  const found: { [operator: string]: { [key: string]: unknown } } = Object.create(null)
  for (const block of statement.blocks.filter(({ type }) => type === 'condition')) {
    const operator = String(plain(block, 'test'))
    const key = String(plain(block, 'variable'))
    const values = plain(block, 'values')
    const tests = found[operator] ?? {}
    found[operator] = { ...tests, [key]: [tests[key] ?? [], values].flat() }
  }
  return { Condition: { ...found } }
}

const PRINCIPAL_TYPES = ['AWS', 'Service', 'Federated', 'CanonicalUser']

const canBeBlock = ({ Principal, NotPrincipal }: Statement): boolean =>
  NotPrincipal === undefined &&
  (Principal === undefined || Principal === '*' || Object.keys(Principal).every(type => PRINCIPAL_TYPES.includes(type)))

function statementBlock(statement: Statement, indent: string, references: References): string {
  const inner = `${indent}  `
  const lines = [
    ...(statement.Sid === undefined ? [] : [{ name: 'sid', value: hclString(statement.Sid) }]),
    { name: 'effect', value: hclString(statement.Effect) },
    ...ELEMENTS.slice(1).flatMap(([attribute, element]) => {
      const value = statement[element as 'Action']
      return value === undefined ? [] : [{ name: attribute, value: hclText(list(value), inner, references) }]
    }),
  ]
  const blocks = [
    ...principalBlocks(statement.Principal, inner, references),
    ...Object.entries(statement.Condition ?? {}).flatMap(([operator, tests]) =>
      Object.entries(tests).map(([key, value]) =>
        nested(
          'condition',
          [
            { name: 'test', value: hclString(operator) },
            { name: 'variable', value: hclString(key) },
            { name: 'values', value: hclText(list(value).map(String), inner, references) },
          ],
          inner,
        ),
      ),
    ),
  ]
  return `${indent}statement {\n${[alignedLines(lines, inner), ...blocks].join('\n\n')}\n${indent}}`
}

const nested = (type: string, lines: Parameters<typeof alignedLines>[0], indent: string): string =>
  `${indent}${type} {\n${alignedLines(lines, `${indent}  `)}\n${indent}}`

function principalBlocks(
  principal: PrincipalBlock | undefined,
  indent: string,
  references: References,
): readonly string[] {
  if (principal === undefined) return []
  const entries = principal === '*' ? [['*', ['*']] as const] : Object.entries(principal)
  return entries.map(([type, names]) =>
    nested(
      'principals',
      [
        { name: 'type', value: hclString(type) },
        { name: 'identifiers', value: hclText(list<string>(names), indent, references) },
      ],
      indent,
    ),
  )
}
