/** The first line of every answer is an instruction, or says whose it is. */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { diagnosisText } from '../cli/formats/diagnosis/text-output.ts'
import { hintText } from '../cli/formats/hint/hint-text.ts'
import { hintOutput } from '../cli/outputs/hint.ts'
import { denialsInText } from '../core/denial/any-text/denials-in-text.ts'
import { findHints, HINT_FORMS } from '../core/denial/hints/find-hints.ts'
import { snapshotReader } from '../functions/adapters/files/account-snapshot.ts'
import { DEFAULT_CONFIG } from '../functions/domain/config/config.ts'
import { type Analysis, analyze } from '../functions/workflows/denial/analyze-denial.ts'
import { DENIALS } from './any-text/denials.ts'
import { analysisOf, CASE_FILES, caseFile, NOW_MS } from './case-run.ts'
import { HINT_FILES, hintCasesIn } from './hint-file.ts'
import { denialsOf, POST_FILES, postsIn } from './post-file.ts'

/** What a person is told to do: imperatives, each a word that stands first in some answer. */
const IMPERATIVES = [
  ...['Add', 'Allow', 'Ask', 'Assume', 'Bootstrap', 'Change', 'Check', 'Compare', 'Create', 'Decode', 'Find', 'Get'],
  ...['Have', 'Leave', 'Look', 'Meet', 'Name', 'Pass', 'Read', 'Remove', 'Repeat', 'Replace', 'Sign', 'Use', 'Copy'],
  ...['Annotate', 'Download', 'Let', 'Run', 'See', 'Set', 'Start'],
]
const INSTRUCTION = new RegExp(`^(?:${IMPERATIVES.join('|')}) \\S.*\\S$`)

function firstLine(analysis: Analysis): string {
  const text = diagnosisText(analysis, { colour: false, nowMs: NOW_MS, note: null, place: null, isVerbose: false })
  return text.split('\n').find(line => line.trim() !== '') ?? ''
}

function expectInstruction(analysis: Analysis): void {
  const line = firstLine(analysis)
  expect(line).toMatch(INSTRUCTION)
  expect(line).not.toMatch(/digest|sha256/)
}

describe.each(CASE_FILES.filter(name => !name.startsWith('code')))('%s', name => {
  const file = caseFile(name)
  it.each(file.cases.map(one => [one.name, one] as const))('%s', async (_, one) => {
    expectInstruction(await analysisOf(file, one))
  })
})

describe.each(POST_FILES)('posts/%s', name => {
  it.each(postsIn(name).map(one => [one.name, one] as const))('%s', async (_, one) => {
    for (const denial of denialsOf(one)) {
      const analysis = await analyze(denial, {
        ...{ reader: snapshotReader({ files: [] }), config: DEFAULT_CONFIG, nowMs: NOW_MS, asked: true, given: [] },
      })
      expectInstruction(analysis)
    }
  })
})

const asked = { config: DEFAULT_CONFIG, nowMs: NOW_MS, asked: true, given: [] } as const

/** The samples of the package, and every denial of the table of forms, as records and as texts. */
const SAMPLES = readdirSync(new URL('../events/', import.meta.url)).filter(name => name.endsWith('.json'))
const TEXTS = [
  ...SAMPLES.map(name => [name, readFileSync(new URL(`../events/${name}`, import.meta.url), 'utf8')] as const),
  ...DENIALS.flatMap(({ name, record, sentence }) => [
    [`${name}, record`, JSON.stringify(record)] as const,
    [`${name}, text`, sentence] as const,
  ]),
]

it.each(TEXTS)('%s', async (_, text) => {
  for (const one of denialsInText(text).found)
    if (one.kind === 'denial')
      expectInstruction(await analyze(one.denial, { ...asked, reader: snapshotReader({ files: [] }) }))
})

const HINTS = [
  ...HINT_FILES.flatMap(file => hintCasesIn(file).map(one => [`${file}: ${one.name}`, one.text.join('\n')] as const)),
  ...HINT_FORMS.map(({ example }) => [`the example ${example.source}`, example.text] as const),
]

it.each(HINTS)('the front door, %s', (_, text) => {
  const hints = findHints(text)
  expect(hints).not.toEqual([])
  for (const hint of hints) expect(hintText(hintOutput(hint), { colour: false }).split('\n')[0]).toMatch(INSTRUCTION)
})
