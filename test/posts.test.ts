import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { dispatch } from '../cli/dispatch.ts'
import type { Denial } from '../core/denial/denial.ts'
import { parseMessage } from '../core/denial/parse-denial.ts'
import { snapshotReader } from '../functions/adapters/files/account-snapshot.ts'
import { DEFAULT_CONFIG } from '../functions/domain/config/config.ts'
import { analyze } from '../functions/workflows/denial/analyze-denial.ts'
import { memoryIo } from './cli/memory-io.ts'
import { denialsOf, POST_FILES, postsIn, readingOf, textOf, wordsOf } from './post-file.ts'

const NOW_MS = Date.parse('2026-11-24T22:00:00Z')

describe.each(POST_FILES)('posts/%s', file => {
  it.each(postsIn(file).map(one => [one.name, one] as const))('%s', async (_, one) => {
    const denials = denialsOf(one)
    const expected = one.denials.map(({ verdict: _, cause: __, next: ___, silent: ____, ...reading }) => reading)
    expect(denials.map(readingOf)).toEqual(expected)
    const first = parseMessage(textOf(one))
    expect(first.kind === 'denial' ? readingOf(first.denial) : null).toEqual(expected[0] ?? null)
    for (const [index, wanted] of one.denials.entries()) {
      const denial = denials[index]
      if (denial === undefined) throw new Error('fewer denials than expected')
      const analysis = await answerTo(denial)
      const { verdict, cause, nextSteps } = analysis.diagnosis
      expect({ verdict, cause }).toEqual({ verdict: wanted.verdict, cause: wanted.cause })
      const words = wordsOf(analysis)
      for (const text of wanted.next) expect(words).toContain(text)
      for (const text of wanted.silent) expect(words).not.toContain(text)
      // Without the account, nothing is proved and nothing is changed.
      expect(verdict).not.toBe('proved')
      expect(analysis.patch).toBeNull()
      expect(nextSteps.at(-1)?.command).toMatch(/^(?:aws|npx cdk|kubectl|curl|cut) /)
    }
  })
})

/** The answer of the command line without any policies. */
const answerTo = (denial: Denial) =>
  analyze(denial, {
    reader: snapshotReader({ files: [] }),
    config: DEFAULT_CONFIG,
    nowMs: NOW_MS,
    asked: true,
    given: [],
  })

describe('the posts', () => {
  const all = POST_FILES.flatMap(postsIn)

  it('are many, and many of them are none of ours', () => {
    expect(all.length).toBeGreaterThanOrEqual(200)
    expect(all.filter(one => one.denials.length === 0).length).toBeGreaterThanOrEqual(40)
  })

  it.each([
    "a workshop's instance assumes its own role, in bold",
    'the class of an SDK for Java before a user that is to assume itself',
    'an error marker of an old runner, keys of a user, a masked role',
  ])('are in docs/error-text.md, with the answer: %s', async name => {
    const one = all.find(post => post.name === name)
    const [denial] = one === undefined ? [] : denialsOf(one)
    if (one === undefined || denial === undefined) throw new Error('no such post')
    const page = readFileSync(new URL('../docs/error-text.md', import.meta.url), 'utf8').replace(/^ {3}/gm, '')
    const blocks = [...page.matchAll(/^```\n([\s\S]*?)\n```$/gm)].map(([, block = '']) => block)
    const at = blocks.findIndex(block => block.includes(denial.message))
    const io = memoryIo()
    expect(page).toContain(one.source)
    expect(await dispatch([blocks[at] ?? ''], io)).toBe(0)
    expect(io.captured.out).toBe(`${blocks[at + 1]}\n`)
  })

  it('have names of their own, and no account of anybody', () => {
    const names = all.map(one => one.name)
    expect(names.filter((one, index) => names.indexOf(one) !== index)).toEqual([])
    const documented = /^(\d)\1{11}$|^111122223333$|^444455556666$|^123456789(?:012|000)$/
    const ids = all.flatMap(one => textOf(one).match(/(?<=[:_-])\d{12}(?=[:_-])/g) ?? [])
    expect(ids.filter(id => !documented.test(id))).toEqual([])
  })
})
