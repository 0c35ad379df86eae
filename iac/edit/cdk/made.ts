/** The constructs that a CDK app makes, as they are written: `new iam.Role(this, 'Task', { … })`. */
import type { SourceFile } from '../code-change.ts'
import { childrenOfType, fieldOf, isBroken, type Parsers, type SyntaxNode, syntaxText } from '../syntax-node.ts'
import { type CodeLanguage, callArguments, entriesOf, type KnownValue, literalValue } from './code-values.ts'

/** The scope of constructs in an app without a name. */
export const APP = '(app)'

/** What is kept of every construct. Its place in the syntax tree is read again where it is asked for. */
type Construct = {
  /** `iam.Role`. */
  readonly callee: string
  /** `Role`. */
  readonly type: string
  /** `this`, `self`, or a name. */
  readonly scope: string
  /** Null: known only when the code runs. */
  readonly id: string | null
  /** The names of its props in TypeScript, with the values of those that say which entity it is. */
  readonly given: ReadonlyMap<string, KnownValue | undefined>
  /** `role` or `this.role`. Null: the construct is not assigned. */
  readonly holder: string | null
  readonly inClass: string | null
  /** True in a loop or a function, which may run several times. */
  readonly isRepeated: boolean
}

type Place = {
  readonly node: SyntaxNode
  /** By their TypeScript names. */
  readonly props: ReadonlyMap<string, SyntaxNode>
  readonly statement: SyntaxNode
  /** The block that contains the statement. */
  readonly block: SyntaxNode
}

type Made = { readonly construct: Construct; readonly place: Place }

/** Properties that decide which entity it is. */
export const IDENTIFYING = ['roleName', 'userName', 'path']

/** One file of an app. Trees of all files of a large app would need gigabytes, so none is kept but of those that are asked for. */
class CodeFile {
  readonly path: string
  readonly text: string
  readonly made: readonly ConstructCall[]
  readonly classes: ReadonlyMap<string, number>
  readonly apps: ReadonlySet<string>
  readonly #read: () => Walker
  #walker: Walker | null = null

  constructor({ path, text }: SourceFile, read: () => Walker, first: Walker) {
    this.path = path
    this.text = text
    this.#read = read
    this.made = first.made.map(({ construct }, index) => new ConstructCall(this, construct, index))
    this.classes = first.classes
    this.apps = first.apps
  }

  get walker(): Walker {
    this.#walker ??= this.#read()
    return this.#walker
  }

  get root(): SyntaxNode {
    return this.walker.root
  }
}

export class ConstructCall implements Construct {
  readonly callee: string
  readonly type: string
  readonly scope: string
  readonly id: string | null
  readonly given: ReadonlyMap<string, KnownValue | undefined>
  readonly holder: string | null
  readonly inClass: string | null
  readonly isRepeated: boolean
  readonly #code: CodeFile
  readonly #index: number

  constructor(code: CodeFile, construct: Construct, index: number) {
    this.callee = construct.callee
    this.type = construct.type
    this.scope = construct.scope
    this.id = construct.id
    this.given = construct.given
    this.holder = construct.holder
    this.inClass = construct.inClass
    this.isRepeated = construct.isRepeated
    this.#code = code
    this.#index = index
  }

  get file(): string {
    return this.#code.path
  }

  get text(): string {
    return this.#code.text
  }

  get root(): SyntaxNode {
    return this.#code.root
  }

  get place(): Place {
    const made = this.#code.walker.made[this.#index]
    if (made === undefined) throw new Error(`${this.file} was read differently before`)
    return made.place
  }
}

export type CdkSource = {
  readonly language: CodeLanguage
  readonly files: ReadonlyMap<string, CodeFile>
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
  const read = new Map<string, CodeFile>()
  const broken: string[] = []
  for (const file of files) {
    if (!isSource(file.path, language) || !/aws-cdk|aws_cdk|constructs/.test(file.text)) continue
    const code = codeOf(file, language, parsers)
    if (code === null) broken.push(file.path)
    else read.set(file.path, code)
  }
  const all = [...read.values()]
  const made = all.flatMap(code => code.made)
  const classes = new Map<string, number>()
  for (const code of all) for (const [name, count] of code.classes) classes.set(name, (classes.get(name) ?? 0) + count)
  const apps = new Set(all.flatMap(({ path, apps: names }) => [...names].map(name => `${path} ${name}`)))
  const byType = Map.groupBy(made, ({ type }) => type)
  const byHolder = Map.groupBy(made, ({ file, holder, inClass }) => holderKey(file, holder ?? '', inClass))
  return { language, files: read, made, byType, byHolder, apps, classes, broken }
}

export const holderKey = (file: string, holder: string, inClass: string | null): string =>
  JSON.stringify([file, holder, inClass])

/** By file, so that an edit of one file does not parse the others again. */
const codes = new WeakMap<SourceFile, CodeFile | null>()

function codeOf(file: SourceFile, language: CodeLanguage, parsers: Parsers): CodeFile | null {
  const before = codes.get(file)
  if (before !== undefined) return before
  const { text } = file
  const walked = (): Walker | null => {
    const root = parsers.parse(language, text)
    return root === null || isBroken(root) ? null : new Walker(text, root, language)
  }
  const first = walked()
  const again = (): Walker => {
    const walker = walked()
    if (walker === null) throw new Error(`${file.path} was read differently before`)
    return walker
  }
  const code = first === null ? null : new CodeFile(file, again, first)
  codes.set(file, code)
  return code
}

const isSource = (path: string, language: CodeLanguage): boolean =>
  path.endsWith(language === 'python' ? '.py' : '.ts') && !path.endsWith('.d.ts') && !TESTS[language].test(path)

/**
 * Tests make the same stacks as the app, as those of `cdk init` do, and deploy none of them.
 * https://jestjs.io/docs/configuration#testmatch-arraystring ·
 * https://docs.pytest.org/en/stable/explanation/goodpractices.html#conventions-for-python-test-discovery
 */
const TESTS: { readonly [language in CodeLanguage]: RegExp } = {
  typescript: /\.(?:test|spec)\.ts$|(?:^|\/)__tests__\//,
  python: /(?:^|\/)tests?\/(?:[^/]+\/)*(?:test_[^/]*|[^/]*_test|conftest)\.py$/,
}

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
  readonly text: string
  readonly root: SyntaxNode
  readonly language: CodeLanguage
  readonly made: Made[] = []
  readonly classes = new Map<string, number>()
  readonly apps = new Set<string>()

  constructor(text: string, root: SyntaxNode, language: CodeLanguage) {
    this.text = text
    this.root = root
    this.language = language
    this.visit(root, { inClass: null, isRepeated: false, statement: root, block: root })
  }

  visit(node: SyntaxNode, context: Context): void {
    const found = this.constructAt(node, context)
    if (found !== null) this.made.push(found)
    const holder = this.isApp(node) ? this.holderOf(node, context.statement) : null
    if (holder !== null) this.apps.add(holder)
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

  constructAt(node: SyntaxNode, { inClass, isRepeated, statement, block }: Context): Made | null {
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
    const props = this.propsOf(positional[2], named)
    const values = [...props].map(
      ([name, value]) => [name, IDENTIFYING.includes(name) ? literalValue(value, this.text) : undefined] as const,
    )
    return {
      construct: {
        ...{ callee, type: callee.split('.').at(-1) ?? '', scope: within, inClass, isRepeated },
        id: typeof known === 'string' ? known : null,
        given: new Map(values),
        holder: this.holderOf(node, statement),
      },
      place: { node, props, statement, block },
    }
  }

  propsOf(third: SyntaxNode | undefined, named: ReadonlyMap<string, SyntaxNode | null>): Place['props'] {
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
