import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { bundleEntry } from '../../infra/bundle.ts'
import * as source from '../case-run.ts'

let folder: string
let minified: typeof source

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rolemedic-minified-'))
  cpSync(join(import.meta.dirname, '../cases'), join(folder, 'cases'), { recursive: true })
  const file = join(folder, 'case-run.mjs')
  await bundleEntry(join(import.meta.dirname, '../case-run.ts'), file)
  minified = await import(pathToFileURL(file).href)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it.each(source.CASE_FILES)('the minified pipeline answers %s as its source does', async name => {
  const file = source.caseFile(name)
  for (const one of file.cases) {
    const input = source.inputOf(file, one)
    const answer = JSON.stringify(await source.examineCase(input))
    expect(JSON.stringify(await minified.examineCase(input)), one.name).toBe(answer)
  }
})
