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
  { what: 'decides that a write may happen', from: DECIDES, most: 773, aim: 800 },
  { what: 'holds the writer role', from: HOLDS, most: 2099, aim: 1800 },
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

describe('a line of code', () => {
  it('is neither blank nor a comment alone', () => {
    expect(linesOf('/** What it is. */\n\nconst a = 1 // why\n  // only why\n/*\n * more\n */\nconst b = 2\n')).toBe(2)
  })
})
