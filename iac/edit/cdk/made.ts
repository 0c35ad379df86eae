/** The constructs that a CDK app makes, as they are written: `new iam.Role(this, 'Task', { … })`. */
import type { SourceFile } from '../code-change.ts'
import { childrenOfType, fieldOf, isBroken, type Parsers, type SyntaxNode, syntaxText } from '../syntax-node.ts'
import { type CodeLanguage, callArguments, entriesOf, literalValue } from './code-values.ts'

/** The scope of constructs in an app without a name. */
export const APP = '(app)'

export type ConstructCall = {
  readonly file: string
  readonly text: string
  readonly root: SyntaxNode
  readonly node: SyntaxNode
  /** `iam.Role`. */
  readonly callee: string
  /** `Role`. */
  readonly type: string
  /** `this`, `self`, or a name. */
  readonly scope: string
  /** Null: known only when the code runs. */
  readonly id: string | null
  /** By their TypeScript names. */
  readonly props: ReadonlyMap<string, SyntaxNode>
  /** `role` or `this.role`. Null: the construct is not assigned. */
  readonly holder: string | null
  readonly statement: SyntaxNode
  /** The block that contains the statement. */
  readonly block: SyntaxNode
  readonly inClass: string | null
  /** True in a loop or a function, which may run several times. */
  readonly isRepeated: boolean
}

type ParsedFile = { readonly root: SyntaxNode; readonly text: string }

export type CdkSource = {
  readonly language: CodeLanguage
  readonly files: ReadonlyMap<string, ParsedFile>
  readonly made: readonly ConstructCall[]
  readonly byType: ReadonlyMap<string, readonly ConstructCall[]>
  /** Keyed by `holderKey`. */
  readonly byHolder: ReadonlyMap<string, readonly ConstructCall[]>
  /** `file name` of every variable that holds an app. */
  readonly apps: ReadonlySet<string>
  /** The class names, and how often each is declared. */
  readonly classes: ReadonlyMap<string, number>
  readonly broken: readonly string[]
}

export function readCdk(files: readonly SourceFile[], language: CodeLanguage, parsers: Parsers): CdkSource {
  const roots = new Map<string, ParsedFile>()
  const broken: string[] = []
  for (const file of files) {
    const { path, text } = file
    if (!isSource(path, language) || !/aws-cdk|aws_cdk|constructs/.test(text)) continue
    const root = parsedOnce(file, language, parsers)
    if (root === null) broken.push(path)
    else roots.set(path, { root, text })
  }
  const made: ConstructCall[] = []
  const classes = new Map<string, number>()
  const apps = new Set<string>()
  for (const [file, { root, text }] of roots) {
    const walker = new Walker(file, text, root, language, made, classes, apps)
    walker.visit(root, { inClass: null, isRepeated: false, statement: root, block: root })
  }
  const byType = Map.groupBy(made, ({ type }) => type)
  const byHolder = Map.groupBy(made, ({ file, holder, inClass }) => holderKey(file, holder ?? '', inClass))
  return { language, files: roots, made, byType, byHolder, apps, classes, broken }
}

export const holderKey = (file: string, holder: string, inClass: string | null): string =>
  JSON.stringify([file, holder, inClass])

/** By file, so that an edit of one file does not parse the others again. */
const parsed = new WeakMap<SourceFile, SyntaxNode | null>()

function parsedOnce(file: SourceFile, language: CodeLanguage, parsers: Parsers): SyntaxNode | null {
  const before = parsed.get(file)
  if (before !== undefined) return before
  const root = parsers.parse(language, file.text)
  const whole = root === null || isBroken(root) ? null : root
  parsed.set(file, whole)
  return whole
}

const isSource = (path: string, language: CodeLanguage): boolean =>
  language === 'python' ? path.endsWith('.py') : path.endsWith('.ts') && !path.endsWith('.d.ts')

type Context = {
  readonly inClass: string | null
  readonly isRepeated: boolean
  readonly statement: SyntaxNode
  readonly block: SyntaxNode
}

const CLASSES = new Set(['class_declaration', 'abstract_class_declaration', 'class', 'class_definition'])
const BLOCKS = new Set(['statement_block', 'program', 'block', 'module'])
/** Methods of a class are not included: they run once per object, because the CDK refuses the same id twice in one scope. */
const REPEATED = new Set([
  ...['arrow_function', 'function_declaration', 'function_expression', 'generator_function_declaration'],
  ...['for_statement', 'for_in_statement', 'while_statement', 'do_statement', 'lambda'],
  ...['list_comprehension', 'dictionary_comprehension', 'set_comprehension', 'generator_expression'],
])

class Walker {
  readonly file: string
  readonly text: string
  readonly root: SyntaxNode
  readonly language: CodeLanguage
  readonly made: ConstructCall[]
  readonly classes: Map<string, number>
  readonly apps: Set<string>

  constructor(
    file: string,
    text: string,
    root: SyntaxNode,
    language: CodeLanguage,
    made: ConstructCall[],
    classes: Map<string, number>,
    apps: Set<string>,
  ) {
    this.file = file
    this.text = text
    this.root = root
    this.language = language
    this.made = made
    this.classes = classes
    this.apps = apps
  }

  visit(node: SyntaxNode, context: Context): void {
    const found = this.constructAt(node, context)
    if (found !== null) this.made.push(found)
    const holder = this.isApp(node) ? this.holderOf(node, context.statement) : null
    if (holder !== null) this.apps.add(`${this.file} ${holder}`)
    let inner = context
    if (CLASSES.has(node.type)) {
      const name = this.textOf(fieldOf(node, 'name'))
      this.classes.set(name, (this.classes.get(name) ?? 0) + 1)
      inner = { ...inner, inClass: name, isRepeated: false }
    }
    const isFunction = node.type === 'function_definition' && context.inClass === null
    if (REPEATED.has(node.type) || isFunction) inner = { ...inner, isRepeated: true }
    const isBlock = BLOCKS.has(node.type)
    for (const child of node.children) this.visit(child, isBlock ? { ...inner, block: node, statement: child } : inner)
  }

  textOf(node: SyntaxNode | null | undefined): string {
    return syntaxText(node, this.text)
  }

  /** `iam.Role` for `new iam.Role(…)`. Empty: the node makes nothing. */
  calleeOf(node: SyntaxNode): string {
    return this.textOf(fieldOf(node, this.language === 'python' ? 'function' : 'constructor'))
  }

  /** True for `new cdk.App()` and `App()`. */
  isApp(node: SyntaxNode): boolean {
    return /^(?:\w+\.)?App$/.test(this.calleeOf(node))
  }

  constructAt(node: SyntaxNode, context: Context): ConstructCall | null {
    const callee = this.calleeOf(node)
    if (!/^[A-Za-z_][\w.]*$/.test(callee)) return null
    const given = callArguments(node)
    const named = new Map(
      given
        .filter(({ type }) => type === 'keyword_argument')
        .map(one => [this.textOf(fieldOf(one, 'name')), fieldOf(one, 'value')] as const),
    )
    const positional = given.filter(({ type }) => type !== 'keyword_argument')
    const scope = positional[0] ?? named.get('scope')
    const id = positional[1] ?? named.get('id') ?? named.get('construct_id')
    if (scope == null || id == null) return null
    const within = this.isApp(scope) ? APP : this.textOf(scope)
    if (within !== APP && !/^(?:this|self|[A-Za-z_]\w*)(?:\.\w+)*$/.test(within)) return null
    const known = literalValue(id, this.text)
    return {
      ...{
        file: this.file,
        text: this.text,
        root: this.root,
        node,
        callee,
        type: callee.split('.').at(-1) ?? '',
        scope: within,
      },
      id: typeof known === 'string' ? known : null,
      props: this.propsOf(positional[2], named),
      holder: this.holderOf(node, context.statement),
      ...context,
    }
  }

  propsOf(third: SyntaxNode | undefined, named: ReadonlyMap<string, SyntaxNode | null>): ConstructCall['props'] {
    if (this.language === 'typescript')
      return third?.type === 'object' ? (entriesOf(third, this.text) ?? new Map()) : new Map()
    return new Map([...named].flatMap(([name, value]) => (value === null ? [] : [[camelCase(name), value] as const])))
  }

  /** The name on the left, if the statement is only this assignment. */
  holderOf(node: SyntaxNode, statement: SyntaxNode): string | null {
    const declarators = childrenOfType(statement, 'variable_declarator')
    const [assigned] = statement.type === 'lexical_declaration' ? declarators : statement.children
    if (declarators.length > 1) return null
    const value = fieldOf(assigned, 'value') ?? fieldOf(assigned, 'right')
    const name = fieldOf(assigned, 'name') ?? fieldOf(assigned, 'left')
    const text = this.textOf(name)
    return value === node && /^[A-Za-z_]\w*(?:\.\w+)*$/.test(text) ? text : null
  }
}

const camelCase = (name: string): string => name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())

export const snakeCase = (name: string): string => name.replaceAll(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)
