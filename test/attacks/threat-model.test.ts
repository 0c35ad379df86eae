import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const text = (...path: string[]) => readFileSync(join(import.meta.dirname, ...path), 'utf8')
/** With the padding of the formatter. */
const ROW = /^\| ([A-Z]\d+) +\| (.+?) +\| (.+?) +\| `([a-z-]+)` +\| (.+?) +\|$/gm
const TEST = /\battack\(\s*'([A-Z]\d+)',\s*'([^']+)'/g

const rows = [...text('../../docs/threat-model.md').matchAll(ROW)].map(([, id, what, , file]) => ({ id, what, file }))
const tests = readdirSync(import.meta.dirname)
  .filter(name => name.endsWith('.test.ts'))
  .flatMap(name =>
    [...text(name).matchAll(TEST)].map(([, id, what]) => ({ id, what, file: name.replace('.test.ts', '') })),
  )
const sorted = (list: readonly { readonly id: string | undefined }[]) =>
  [...list].sort((a, b) => String(a.id).localeCompare(String(b.id)))

describe('the threat model', () => {
  it('has one row for each test, in the same words, and one test for each row', () => {
    expect(sorted(rows)).toEqual(sorted(tests))
  })

  it('has each id once, and at least sixty', () => {
    expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length)
    expect(rows.length).toBeGreaterThanOrEqual(60)
  })
})
