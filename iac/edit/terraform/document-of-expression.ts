/** Follows an expression such as `assume_role_policy = …` to the place where the document is written. */
import { fail, ok, type Result } from '../../../core/base/index.ts'
import { type JsonPart, readable, readJsonSource } from '../../source/index.ts'
import { type DocumentSite, literalSite } from '../document/document-site.ts'
import { jsonDialect, stepOf } from '../document/json-dialect.ts'
import { type Literal, scalarLiteralText } from '../document/literal.ts'
import { literalOf } from '../document/source-literal.ts'
import { childOfType, childrenOfType, descendants, type SyntaxNode, syntaxText } from '../syntax-node.ts'
import { joinedPath } from './configuration.ts'
import { elementsOf, evaluateExpression, heredocRange, type TerraformScope, traversalSteps } from './evaluate.ts'
import { hclDialect, type References } from './hcl-text.ts'
import { withRepetition } from './instances.ts'
import { dataSite } from './policy-document-data.ts'
import { moduleUses } from './references-in.ts'

const MAX_STEPS = 8

/** `isRead`: only for reading. An edit refuses documents that several places share or that merge in others. */
type Way = { readonly depth: number; readonly isRead: boolean }
const EDITED: Way = { depth: 0, isRead: false }

const MERGED = ['source_json', 'override_json', 'source_policy_documents', 'override_policy_documents']

export function documentSite(
  file: string,
  expression: SyntaxNode,
  scope: TerraformScope,
  references: References,
  { depth, isRead }: Way = EDITED,
): Result<DocumentSite, string> {
  const { configuration, module } = scope
  const next = { depth: depth + 1, isRead }
  const textOf = (path: string) => configuration.texts.get(path) ?? ''
  const text = textOf(file)
  const [first] = expression.children
  if (depth > MAX_STEPS || first === undefined) return fail('its document is too many references away')
  if (first.type === 'function_call') {
    const called = syntaxText(childOfType(first, 'identifier'), text)
    const [argument] = childrenOfType(childOfType(first, 'function_arguments'), 'expression')
    if (argument !== undefined && called === 'jsonencode') return encodedSite(file, argument, scope, references, isRead)
    if (argument !== undefined && called === 'file') return fileSite(file, argument, scope, isRead)
    return fail(`its document is made by the function ${called}`)
  }
  const heredoc = childOfType(first, 'heredoc_template')
  if (heredoc !== null) return heredocSite(file, heredoc, scope)
  const steps = traversalSteps(file, expression, scope)
  if (steps === null) return fail('its document is an expression that is not followed')
  const [root, ...rest] = steps
  if (root === 'data' && rest[0] === 'aws_iam_policy_document' && rest.at(-1) === 'json') {
    const [type, label] = rest
    const block = module.named.get(`data.${String(type)}.${String(label)}`)
    if (block === undefined) return fail(`there is no data.aws_iam_policy_document.${String(label)}`)
    if (isRead && MERGED.some(name => block.attributes.has(name)))
      return fail(`data.aws_iam_policy_document.${String(label)} takes in other documents`)
    const uses = isRead ? 1 : moduleUses(configuration, module, `data.aws_iam_policy_document.${String(label)}`)
    if (uses !== 1)
      return fail(
        `data.aws_iam_policy_document.${String(label)} is used in ${uses} places: give the role a document of its own`,
      )
    const [element, ...more] = elementsOf(block, scope) ?? []
    if (element === undefined || more.length > 0)
      return fail(`data.aws_iam_policy_document.${String(label)} is made in a loop`)
    return ok(dataSite(block, withRepetition(scope, element), references))
  }
  if (root === 'local' && rest.length === 1) {
    const local = module.locals.get(String(rest[0]))
    if (local === undefined) return fail(`there is no local.${String(rest[0])}`)
    const uses = isRead ? 1 : moduleUses(configuration, module, `local.${String(rest[0])}`)
    if (uses !== 1)
      return fail(`local.${String(rest[0])} is used in ${uses} places: give the role a document of its own`)
    return documentSite(local.file, local.value, scope, references, next)
  }
  if (root === 'var' && rest.length === 1 && scope.given !== null) {
    const given = scope.given.get(String(rest[0]))
    if (given === undefined) return fail(`var.${String(rest[0])} has its default, which other calls share`)
    if (!isRead && moduleUses(configuration, module, `var.${String(rest[0])}`) !== 1)
      return fail(`var.${String(rest[0])} is used in several places`)
    return documentSite(given.file, given.value, given.scope, new Map(), next)
  }
  return fail(`its document is ${steps.join('.')}, which is not followed`)
}

function encodedSite(
  file: string,
  argument: SyntaxNode,
  scope: TerraformScope,
  references: References,
  isRead: boolean,
): Result<DocumentSite, string> {
  const dialect = hclDialect(path => scope.configuration.texts.get(path) ?? '', references)
  const literal = evaluateExpression(file, argument, scope)
  const shared = isRead ? null : sharedLocal(file, argument, scope)
  if (shared !== null) return fail(`${shared} is used in several places: give the role a document of its own`)
  return ok(literalSite(literal, dialect))
}

/** A local that is part of the document and that another place uses too. */
function sharedLocal(file: string, node: SyntaxNode, scope: TerraformScope): string | null {
  for (const one of descendants(node)) {
    const [root, name] = traversalSteps(file, one, scope) ?? []
    if (root !== 'local') continue
    const { kind } = evaluateExpression(file, one, scope)
    const local = `local.${String(name)}`
    if ((kind === 'list' || kind === 'map') && moduleUses(scope.configuration, scope.module, local) !== 1) return local
  }
  return null
}

function heredocSite(file: string, node: SyntaxNode, scope: TerraformScope): Result<DocumentSite, string> {
  const textOf = (path: string) => scope.configuration.texts.get(path) ?? ''
  const text = textOf(file)
  const inner = new Map(childrenOfType(node, 'template_interpolation').map(one => [one.start, one]))
  if (childOfType(node, 'template_directive') !== null) return fail('its document is a template with conditions')
  const json = jsonIn(file, text, {
    ...heredocRange(node, text),
    interpolationAt: offset => {
      const found = inner.get(offset)
      const expression = childOfType(found, 'expression')
      if (found === undefined) return null
      return {
        end: found.end,
        value: expression === null ? null : scalarLiteralText(evaluateExpression(file, expression, scope)),
      }
    },
  })
  if (json === null) return fail('its document is a text that is not JSON')
  return ok(literalSite(json, escaping(jsonDialect(textOf, stepOf(text, json.start)))))
}

/** In a heredoc, `${` must be escaped. */
function escaping(dialect: ReturnType<typeof jsonDialect>): ReturnType<typeof jsonDialect> {
  const safe = (value: unknown): boolean => !/[$%]\{/.test(JSON.stringify(value))
  const refuse = () => fail('the change holds a policy variable, which a heredoc would interpolate')
  return {
    appendItem: (list, values) => (safe(values) ? dialect.appendItem(list, values) : refuse()),
    wrap: (single, values) => (safe(values) ? dialect.wrap(single, values) : refuse()),
  }
}

function fileSite(
  file: string,
  argument: SyntaxNode,
  scope: TerraformScope,
  isRead: boolean,
): Result<DocumentSite, string> {
  const { configuration, module } = scope
  const textOf = (path: string) => configuration.texts.get(path) ?? ''
  const source = syntaxText(argument, textOf(file))
  // `path.module` is a folder of the repository. Any other path depends on where Terraform runs.
  const name = /^"\$\{path\.(?:module|root)\}\/([\w./-]+)"$/.exec(source)?.[1]
  const path = name === undefined ? null : joinedPath(module.folder, name)
  const text = path === null ? undefined : configuration.texts.get(path)
  if (path === null || text === undefined) return fail(`its document is the file ${source}, which was not found`)
  if (!isRead && filesNamed(scope, path.slice(path.lastIndexOf('/') + 1)) !== 1)
    return fail(`${path} is used in several places: give the role a document of its own`)
  const json = jsonIn(path, text)
  return json === null ? fail(`${path} is not JSON`) : ok(literalSite(json, jsonDialect(textOf, stepOf(text))))
}

function jsonIn(path: string, text: string, part?: JsonPart): Literal | null {
  const source = readable(() => readJsonSource(path, text, part))
  return source === null ? null : literalOf({ path, text }, source)
}

/** How many strings in the repository name such a file. */
function filesNamed({ configuration }: TerraformScope, name: string): number {
  let count = 0
  for (const module of configuration.modules.values())
    for (const block of module.blocks) {
      const text = configuration.texts.get(block.file) ?? ''
      if (!text.slice(block.start, block.end).includes(name)) continue
      for (const one of descendants(block.node))
        if (one.type === 'template_literal' && syntaxText(one, text).endsWith(name)) count++
    }
  return count
}
