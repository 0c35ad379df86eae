/** Mutates the sources of the domain with Stryker's instrumenter: the code contains every mutant, switched on at run time. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { join } from 'node:path'
import { createInstrumenter } from '@stryker-mutator/instrumenter'
import { createInjector } from 'typed-inject'

/** The used part of a node of Babel's tree. */
type Node = { readonly type: string; readonly [member: string]: unknown }
type NodePath = { readonly node: Node; readonly parent: Node; readonly parentPath: { readonly parent: Node } | null }

export type Mutant = {
  readonly id: string
  readonly file: string
  /** Stable across runs as long as the mutant's file does not change. */
  readonly key: string
  /** Stable even if other code of the file changes. Samples are selected by it. */
  readonly lot: string
  readonly mutator: string
  readonly line: number
  readonly column: number
  readonly original: string
  readonly replacement: string
  /** The number among equal mutants of this file that change the same text in the same way, from 1. */
  readonly occurrence: number
}

/** Code without types by path, which a worker runs instead of the file. */
export type Instrumented = { readonly mutants: readonly Mutant[]; readonly code: { readonly [file: string]: string } }

/** Kinds of mutants that are mostly equivalent or killed by any test: members of an object, regular expressions, `?.`, whole bodies. */
const EXCLUDED = [
  'ObjectLiteral',
  'Regex',
  'OptionalChaining',
  'ArrowFunction',
  'CallExpression',
  'BlockStatement',
  'MethodExpression',
]

export async function instrument(root: string, files: readonly string[]): Promise<Instrumented> {
  const sources = new Map(files.map(file => [file, readFileSync(join(root, file), 'utf8')]))
  const injector = createInjector().provideValue('logger', SILENT).provideValue('options', {}) as never
  const seen = new Map<string, number>()
  const { files: mutated, mutants } = await createInstrumenter(injector).instrument(
    // Types are stripped, with all positions kept, because behind a switch `a ? () => x : y => z` would parse as a type.
    [...sources].map(([name, content]) => ({ name, content: stripTypeScriptTypes(content), mutate: true })),
    {
      plugins: null,
      excludedMutations: EXCLUDED,
      ignorers: [{ shouldIgnore: (path: NodePath) => (isIdleText(path) ? 'a text that decides nothing' : undefined) }],
      noHeader: false,
    } as never,
  )
  return {
    code: Object.fromEntries(mutated.map(({ name, content }) => [name, content])),
    mutants: mutants
      .filter(({ status, fileName, mutatorName, replacement = '', location: { start, end } }) => {
        const text = sources.get(fileName) ?? ''
        const [from, to] = [offset(text, start), offset(text, end)]
        return (
          status !== 'Ignored' && isOfUse(mutatorName, replacement, text.slice(from - 4, from), text.slice(to, to + 2))
        )
      })
      .map(({ id, fileName: file, mutatorName: mutator, replacement = '', location: { start, end } }) => {
        const text = sources.get(file) ?? ''
        const at = [start.line, start.column, end.line, end.column].join(':')
        const key = createHash('sha256').update(`${file} ${text} ${at} ${mutator} ${replacement}`).digest('hex')
        const original = text.slice(offset(text, start), offset(text, end))
        const change = [file, mutator, original, replacement].join(' ')
        const occurrence = (seen.get(change) ?? 0) + 1
        seen.set(change, occurrence)
        return {
          id,
          file,
          key: key.slice(0, 20),
          lot: createHash('sha256').update(`${change} ${occurrence}`).digest('hex').slice(0, 8),
          mutator,
          line: start.line + 1,
          column: start.column + 1,
          original,
          replacement,
          occurrence,
        }
      }),
  }
}

/**
 * Keeps one of several mutants of a place: a flipped comparison shows more than `true` and `false`. A condition as `false` is
 * kept for `if`s, which lose their early return, and for `a ? b : c`.
 */
function isOfUse(mutator: string, replacement: string, before: string, after: string): boolean {
  switch (mutator) {
    case 'ConditionalExpression':
      return replacement === 'false' && (before === 'if (' || after === ' ?')
    case 'LogicalOperator':
      return !replacement.includes('??') && / && | \|\| /.test(replacement)
    case 'StringLiteral':
      return replacement === '""'
    case 'ArrayDeclaration':
      return replacement === '[]'
    default:
      return true
  }
}

function offset(text: string, { line, column }: { readonly line: number; readonly column: number }): number {
  let at = 0
  for (let left = line; left > 0; left -= 1) at = text.indexOf('\n', at) + 1
  return at + column
}

const COMPARISONS = new Set(['===', '!==', 'in'])
const LOOK_UPS = new Set(['startsWith', 'endsWith', 'includes', 'has', 'get', 'indexOf', 'split'])

/** Wording is tested where it is shown, so only texts that are compared or looked up are emptied here. */
function isIdleText({ node, parent, parentPath }: NodePath): boolean {
  if (node.type !== 'StringLiteral' && node.type !== 'TemplateLiteral') return false
  switch (parent.type) {
    case 'BinaryExpression':
      return !COMPARISONS.has(String(parent['operator']))
    case 'SwitchCase':
      return parent['test'] !== node
    case 'CallExpression': {
      const { property } = parent['callee'] as { readonly property?: { readonly name?: string } }
      return !LOOK_UPS.has(property?.name ?? '')
    }
    case 'ArrayExpression': {
      // `new Set(['a'])` and `['a'].includes(…)`.
      const above = parentPath?.parent
      return !(above?.type === 'NewExpression' || (above?.type === 'MemberExpression' && above['object'] === parent))
    }
    default:
      return true
  }
}

const nothing = (): void => {}
const SILENT = {
  trace: nothing,
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  fatal: nothing,
  isTraceEnabled: () => false,
  isDebugEnabled: () => false,
  isInfoEnabled: () => false,
  isWarnEnabled: () => false,
  isErrorEnabled: () => false,
  isFatalEnabled: () => false,
}
