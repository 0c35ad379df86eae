/**
 * How much of our code holds the writer role, and how much of it decides that a write may happen. A line of code is neither blank nor a
 * comment alone. Files that are imported for a type alone count too.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { bareOf, importsOf, KERNEL, root } from './layout.ts'

/** What `authorized` is made of: every check of a write, the grammar, and what they read. */
const DECIDES = 'functions/domain/authority/checks/authority.ts'
const HOLDS = 'functions/write/handler.ts'

/** `most`: no file may grow the sum beyond it, and it never goes up. `aim`: what the design allows. */
const BUDGETS = [
  { what: 'decides that a write may happen', from: DECIDES, most: 780, aim: 800 },
  { what: 'holds the writer role', from: HOLDS, most: 2070, aim: 1800 },
] as const

const textOf = (file: string): string => readFileSync(join(root, file), 'utf8')
const linesOf = (text: string): number =>
  bareOf(text)
    .split('\n')
    .filter(line => line.trim() !== '').length

function closureOf(entry: string): readonly string[] {
  const seen = new Set<string>()
  const waiting = [entry]
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (seen.has(file)) continue
    seen.add(file)
    waiting.push(...importsOf(file, textOf(file)).map(({ to }) => to))
  }
  return [...seen].sort()
}

describe('the code that', () => {
  it.each(BUDGETS)('$what does not grow', ({ what, from, most, aim }) => {
    const counted = closureOf(from).map(file => ({ file, lines: linesOf(textOf(file)) }))
    const sum = counted.reduce((all, { lines }) => all + lines, 0)
    const table = counted.map(({ file, lines }) => `${String(lines).padStart(6)} ${file}`)
    console.info([`${what}: ${sum} lines of code, aim ${aim}`, ...table].join('\n'))
    expect(sum).toBeLessThanOrEqual(most)
    // A sum that came down takes `most` with it.
    expect(sum).toBeGreaterThan(most - 25)
  })

  it('holds the writer role is in functions/write and in the listed kernel', () => {
    const foreign = closureOf(HOLDS).filter(file => !file.startsWith('functions/write/') && !KERNEL.includes(file))
    expect(foreign).toEqual([])
    expect(closureOf(HOLDS)).toContain(DECIDES)
  })

  it('decides reads no store, no chat and no policy parser or evaluator', () => {
    const parsers =
      /core\/(?:access|denial|diagnosis|snapshots)\/|core\/iam\/(?:evaluation|conditions)\/|parse-policy|adapters/
    expect(closureOf(DECIDES).filter(file => parsers.test(file))).toEqual([])
  })
})

const AUTHORITY = 'functions/domain/authority'

/** The rows of the table in `docs/adr/0031-marks-of-write.md`, in its order: each file of the closure is in one. */
const ROWS: readonly (readonly string[])[] = [
  [
    `${AUTHORITY}/checks/authority.ts`,
    `${AUTHORITY}/decision.ts`,
    `${AUTHORITY}/passkey.ts`,
    `${AUTHORITY}/statement.ts`,
  ],
  [`${AUTHORITY}/checks/grammar.ts`],
  [
    `${AUTHORITY}/checks/grant.ts`,
    'core/iam/policy/policy-document.ts',
    'core/iam/policy/same-policy.ts',
    'core/patch/target.ts',
    'core/patch/limited-document.ts',
  ],
  ['core/base/canonical-json.ts', 'core/base/result.ts', 'core/base/fault.ts', 'core/actions/names.ts'],
  ['functions/write/write.ts'],
  ['functions/write/targets.ts'],
  ['functions/write/iam.ts'],
  ['functions/write/permission-sets.ts'],
  ['functions/write/writer-sessions.ts', `${AUTHORITY}/writer-session.ts`, 'functions/ports/writing/policy-writer.ts'],
  [
    'functions/write/records.ts',
    `${AUTHORITY}/spent.ts`,
    'functions/ports/writing/object-ledger.ts',
    'functions/adapters/aws/ledger/s3-ledger.ts',
  ],
  [`${AUTHORITY}/checks/take-away.ts`, `${AUTHORITY}/checks/input.ts`, 'core/patch/take-away.ts'],
  [
    'functions/adapters/aws/signing/kms-keys.ts',
    'functions/adapters/aws/signing/kms-signer.ts',
    'functions/ports/signer.ts',
  ],
  [
    'functions/write/environment.ts',
    'functions/write/handler.ts',
    'functions/write/deps.ts',
    'functions/write/json.ts',
    'functions/write/json-observer.ts',
    'functions/ports/observer.ts',
    'functions/adapters/aws/clients/client-timeouts.ts',
  ],
]

describe('the table of what holds the writer role', () => {
  const page = textOf('docs/adr/0031-marks-of-write.md')

  it('has each file once', () => {
    expect(ROWS.flat().sort()).toEqual(closureOf(HOLDS))
  })

  it('says for each row how many lines it has today, and their sum', () => {
    const rows = [...page.matchAll(/^\| (\d+) +\|/gm)].map(([, lines]) => Number(lines))
    const measured = ROWS.map(files => files.reduce((all, file) => all + linesOf(textOf(file)), 0))
    expect(rows).toEqual(measured)
    const sum = measured.reduce((all, lines) => all + lines, 0)
    expect(page).toContain(`has ${sum.toLocaleString('en')} lines of code`)
  })

  it('and docs/trust.md have the bounds', () => {
    const [decides, holds] = BUDGETS.map(({ most }) => most.toLocaleString('en'))
    const trust = textOf('docs/trust.md').replaceAll(/\s+/g, ' ')
    expect(trust).toContain(`at most ${decides} decide that a write may happen, at most ${holds} are loaded by`)
  })
})

describe('a line of code', () => {
  it('is neither blank nor a comment alone', () => {
    expect(linesOf('/** What it is. */\n\nconst a = 1 // why\n  // only why\n/*\n * more\n */\nconst b = 2\n')).toBe(2)
  })
})
