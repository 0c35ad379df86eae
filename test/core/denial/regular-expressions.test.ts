/**
 * Checks the running time of every regular expression that is applied to outside text.
 *
 * The upper bounds of repetitions are lowered for the checker: a bounded repetition multiplies the time by a constant. Only
 * unbounded ones make it grow faster than the text, and these are unchanged. `test/property/reader-growth.slow.test.ts`
 * measures the constants.
 */
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseAst } from 'rolldown/parseAst'
import { describe, expect, it } from 'vitest'

// The checker in plain JavaScript, which behaves the same on every machine.
process.env['RECHECK_SYNC_BACKEND'] = 'pure'
const { checkSync } = await import('recheck')

const root = resolve(import.meta.dirname, '../../..')

type Found = { readonly source: string; readonly flags: string }
type Node = { readonly type: string; readonly [member: string]: unknown }

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && 'type' in value

/** Literals, and calls of `RegExp`. `inFunction`: those that importing the file does not run. */
function regularExpressionsIn(text: string) {
  const literals: Found[] = []
  const built = { atTop: 0, inFunction: 0 }
  const walk = (value: unknown, depth: number): void => {
    if (Array.isArray(value)) for (const one of value) walk(one, depth)
    if (!isNode(value)) return
    const { regex, callee } = value as { regex?: { pattern: string; flags: string }; callee?: { name?: string } }
    if (value.type === 'Literal' && regex !== undefined) literals.push({ source: regex.pattern, flags: regex.flags })
    if (callee?.name === 'RegExp') built[depth === 0 ? 'atTop' : 'inFunction'] += 1
    const inner = /Function/.test(value.type) ? depth + 1 : depth
    for (const member of Object.values(value)) if (typeof member === 'object') walk(member, inner)
  }
  walk(parseAst(text, { lang: 'ts' }).body, 0)
  return { literals, built }
}

/** Whatever reads refusals, and all that it imports. */
const READER = 'core/denial/index.ts'
/** What reads a text beside it: for the words of a diagnosis, the bot's alert, `explain-deploy`, the event of a job, what is printed, `mcp`, and plans. */
const BESIDE = [
  ...['core/diagnosis/text/**/*.ts', 'core/diagnosis/wording/**/*.ts', 'functions/domain/deploy/**/*.ts'],
  ...['functions/alert/**/*.ts', 'cli/use-cases/explain-deploy/**/*.ts', 'cli/ci/job-event.ts', 'cli/io.ts'],
  ...['cli/mcp/untrusted-text.ts', 'iac/needs/terraform/*.ts'],
]

function filesBehind(reader: string): readonly string[] {
  const found = new Set<string>()
  const visit = (file: string): void => {
    if (found.has(file)) return
    found.add(file)
    const text = readFileSync(resolve(root, file), 'utf8')
    for (const [, path = ''] of text.matchAll(/\b(?:from |import\()'(\.{1,2}\/[^']+\.ts)'/g))
      visit(join(dirname(file), path))
  }
  visit(reader)
  return [...found]
}

const hasExpression = (file: string): boolean => {
  const { literals, built } = regularExpressionsIn(readFileSync(resolve(root, file), 'utf8'))
  return literals.length + built.atTop + built.inFunction > 0
}
const filesBeside = BESIDE.flatMap(pattern => globSync(pattern, { cwd: root }))
/** Reads no text from outside: the published actions, which the package brings along. */
const OWN_DATA = ['core/service-actions/packed-form.ts']
const FILES = [...new Set([...filesBehind(READER), ...filesBeside])]
  .filter(file => hasExpression(file) && !OWN_DATA.includes(file))
  .sort()

let loads = 0
/** The regular expressions that a file creates while it loads. */
async function builtBy(file: string): Promise<readonly Found[]> {
  const found: Found[] = []
  const whole = globalThis.RegExp
  globalThis.RegExp = new Proxy(whole, {
    construct(target, [source, flags]: [string, string?]) {
      found.push({ source: String(source), flags: flags ?? '' })
      return new target(source, flags)
    },
  })
  try {
    loads += 1
    await import(`${pathToFileURL(resolve(root, file)).href}?load=${loads}`)
  } finally {
    globalThis.RegExp = whole
  }
  return found
}

const MAX_REPEATS = 4
const withLowBounds = (source: string): string =>
  source.replace(/\{(\d+)(,)?(\d+)?\}/g, (_, least: string, comma = '', most?: string) => {
    const lower = (count: string) => String(Math.min(Number(count), MAX_REPEATS))
    return `{${lower(least)}${comma}${most === undefined ? '' : lower(most)}}`
  })

function verdictOn({ source, flags }: Found): string {
  const found = checkSync(withLowBounds(source), flags, { checker: 'automaton', timeout: 600_000 })
  const how = found.status === 'vulnerable' ? found.complexity.summary : found.status
  return `${found.status === 'safe' ? 'linear' : how}: /${source}/${flags}`
}

describe('the checker', () => {
  it.each([
    ['^(a+)+$', 'exponential'],
    ['[.,]+$', 'polynomial'],
    ['a{1,300}b{0,80}$|(x+x+)+y', 'exponential'],
  ])('finds fault with /%s/', (source, how) => {
    expect(verdictOn({ source, flags: '' })).toContain(how)
  })

  it('takes a bounded repetition for what it is', () => {
    expect(verdictOn({ source: '\\b[a-z]{1,300}: [^ ]{1,900} x', flags: 'gi' })).toMatch(/^linear: /)
  })
})

describe('regular expressions over texts from outside', () => {
  it.each(FILES)('of %s take linear time', async file => {
    const { literals, built } = regularExpressionsIn(readFileSync(resolve(root, file), 'utf8'))
    expect(built.inFunction).toBe(0)
    const all = built.atTop === 0 ? literals : [...literals, ...(await builtBy(file))]
    const distinct = [...new Map(all.map(one => [`/${one.source}/${one.flags}`, one])).values()]
    expect(distinct.map(verdictOn).filter(verdict => !verdict.startsWith('linear: '))).toEqual([])
  })

  it('are those of every reader of refusals', () => {
    expect(FILES).toEqual(
      expect.arrayContaining([
        ...['core/base/neutral-text.ts', 'core/iam/arn.ts', 'core/denial/any-text/rows.ts', 'core/runs/run-tools.ts'],
        ...['core/denial/other-actions/refused-calls.ts', 'functions/domain/deploy/correlation.ts'],
        ...['cli/use-cases/explain-deploy/log-failure.ts', 'cli/ci/job-event.ts', 'cli/io.ts'],
      ]),
    )
  })

  it('are many, and some of them are built', async () => {
    const found = FILES.map(file => regularExpressionsIn(readFileSync(resolve(root, file), 'utf8')))
    expect(found.flatMap(({ literals }) => literals).length).toBeGreaterThan(150)
    expect(found.reduce((sum, { built }) => sum + built.atTop, 0)).toBeGreaterThan(5)
    expect(await builtBy('core/denial/message/service-trust.ts')).not.toEqual([])
  })
})
