/** The constructs that a CDK app makes, as its source writes them: `new iam.Role(this, 'Task', { … })`. */
import type { SourceFile } from '../code-change.ts'
import { childrenOfType, fieldOf, isBroken, type Parsers, type SyntaxNode } from '../syntax-node.ts'
import { type CodeLanguage, entriesOf, literalValue } from './code-values.ts'

/** The scope of what is made in an app that has no name. */
export const APP = '(app)'

export type Made = {
  readonly file: string
  readonly node: SyntaxNode
  /** `iam.Role`. */
  readonly callee: string
  /** `Role`. */
  readonly type: string
  /** `this`, `self`, or a name. */
  readonly scope: string
  /** Null where it has to be run to be known. */
  readonly id: string | null
  /** By their names in TypeScript. */
  readonly props: ReadonlyMap<string, SyntaxNode>
  /** `role` or `this.role`; null where it is not assigned. */
  readonly holder: string | null
  readonly statement: SyntaxNode | null
  /** What holds that statement. */
  readonly block: SyntaxNode | null
  readonly inClass: string | null
  /** In a loop or a function, which may run several times. */
  readonly isRepeated: boolean
}

export type CdkSource = {
  readonly language: CodeLanguage
  readonly texts: ReadonlyMap<string, string>
  readonly roots: ReadonlyMap<string, SyntaxNode>
  readonly made: readonly Made[]
  readonly byType: ReadonlyMap<string, readonly Made[]>
  /** By `holderKey`. */
  readonly byHolder: ReadonlyMap<string, readonly Made[]>
  /** `file name` of every variable that is an app. */
  readonly apps: ReadonlySet<string>
  /** Names of the classes, and how often each is declared. */
  readonly classes: ReadonlyMap<string, number>
  readonly broken: readonly string[]
}

export function readCdk(files: readonly SourceFile[], language: CodeLanguage, parsers: Parsers): CdkSource {
  const roots = new Map<string, SyntaxNode>()
  const texts = new Map<string, string>()
  const broken: string[] = []
  for (const file of files) {
    const { path, text } = file
    if (!isSource(path, language) || !/aws-cdk|aws_cdk|constructs/.test(text)) continue
    const root = parsedOnce(file, language, parsers)
    if (root === null) broken.push(path)
    else {
      roots.set(path, root)
      texts.set(path, text)
    }
  }
  const made: Made[] = []
  const classes = new Map<string, number>()
  const apps = new Set<string>()
  for (const [file, root] of roots) {
    const walker = new Walker(file, texts.get(file) ?? '', language, made, classes, apps)
    walker.visit(root, { inClass: null, isRepeated: false, statement: null, block: null })
  }
  const byType = groupedBy(made, ({ type }) => type)
  const byHolder = groupedBy(made, ({ file, holder, inClass }) =>
    holder === null ? null : holderKey(file, holder, inClass),
  )
  return { language, texts, roots, made, byType, byHolder, apps, classes, broken }
}

export const holderKey = (file: string, holder: string, inClass: string | null): string =>
  JSON.stringify([file, holder, inClass])

function groupedBy(made: readonly Made[], keyOf: (one: Made) => string | null): ReadonlyMap<string, readonly Made[]> {
  const groups = new Map<string, Made[]>()
  for (const one of made) {
    const key = keyOf(one)
    const group = key === null ? undefined : groups.get(key)
    if (group !== undefined) group.push(one)
    else if (key !== null) groups.set(key, [one])
  }
  return groups
}

/** An edit changes one file; the others are not parsed again. */
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
  readonly statement: SyntaxNode | null
  readonly block: SyntaxNode | null
}

const CLASSES = new Set(['class_declaration', 'abstract_class_declaration', 'class', 'class_definition'])
const BLOCKS = new Set(['statement_block', 'program', 'block', 'module'])
/** A method of a class runs once for each object, as far as a construct id goes: CDK refuses one id twice in one scope. */
const REPEATED = new Set([
  ...['arrow_function', 'function_declaration', 'function_expression', 'generator_function_declaration'],
  ...['for_statement', 'for_in_statement', 'while_statement', 'do_statement', 'lambda'],
  ...['list_comprehension', 'dictionary_comprehension', 'set_comprehension', 'generator_expression'],
])

class Walker {
  readonly file: string
  readonly text: string
  readonly language: CodeLanguage
  readonly made: Made[]
  readonly classes: Map<string, number>
  readonly apps: Set<string>

  constructor(
    file: string,
    text: string,
    language: CodeLanguage,
    made: Made[],
    classes: Map<string, number>,
    apps: Set<string>,
  ) {
    this.file = file
    this.text = text
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
    return node == null ? '' : this.text.slice(node.start, node.end)
  }

  /** `new cdk.App()`, `App()`. */
  isApp(node: SyntaxNode): boolean {
    if (node.type !== (this.language === 'python' ? 'call' : 'new_expression')) return false
    return /^(?:\w+\.)?App$/.test(this.textOf(fieldOf(node, this.language === 'python' ? 'function' : 'constructor')))
  }

  constructAt(node: SyntaxNode, context: Context): Made | null {
    if (node.type !== (this.language === 'python' ? 'call' : 'new_expression')) return null
    const callee = this.textOf(fieldOf(node, this.language === 'python' ? 'function' : 'constructor'))
    if (!/^[A-Za-z_][\w.]*$/.test(callee)) return null
    const given = fieldOf(node, 'arguments')?.children.filter(({ type }) => !['(', ')', ',', 'comment'].includes(type))
    const named = new Map(
      (given ?? [])
        .filter(({ type }) => type === 'keyword_argument')
        .map(one => [this.textOf(fieldOf(one, 'name')), fieldOf(one, 'value')] as const),
    )
    const positional = (given ?? []).filter(({ type }) => type !== 'keyword_argument')
    const scope = positional[0] ?? named.get('scope')
    const id = positional[1] ?? named.get('id') ?? named.get('construct_id')
    if (scope == null || id == null) return null
    const within = this.isApp(scope) ? APP : this.textOf(scope)
    if (within !== APP && !/^(?:this|self|[A-Za-z_]\w*)(?:\.\w+)*$/.test(within)) return null
    const known = literalValue(id, this.text)
    return {
      ...{ file: this.file, node, callee, type: callee.split('.').at(-1) ?? '', scope: within },
      id: typeof known === 'string' ? known : null,
      props: this.propsOf(positional[2], named),
      holder: this.holderOf(node, context.statement),
      ...context,
    }
  }

  propsOf(third: SyntaxNode | undefined, named: ReadonlyMap<string, SyntaxNode | null>): Made['props'] {
    if (this.language === 'typescript')
      return third?.type === 'object' ? (entriesOf(third, this.text) ?? new Map()) : new Map()
    return new Map([...named].flatMap(([name, value]) => (value === null ? [] : [[camelCase(name), value] as const])))
  }

  /** The name on the left of the statement that is nothing but this assignment. */
  holderOf(node: SyntaxNode, statement: SyntaxNode | null): string | null {
    if (statement === null) return null
    const declarators = childrenOfType(statement, 'variable_declarator')
    const [assigned] = statement.type === 'lexical_declaration' ? declarators : statement.children
    if (assigned === undefined || declarators.length > 1) return null
    const value = fieldOf(assigned, 'value') ?? fieldOf(assigned, 'right')
    const name = fieldOf(assigned, 'name') ?? fieldOf(assigned, 'left')
    const text = this.textOf(name)
    return value === node && /^[A-Za-z_]\w*(?:\.\w+)*$/.test(text) ? text : null
  }
}

const camelCase = (name: string): string => name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())

export const snakeCase = (name: string): string => name.replaceAll(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)
