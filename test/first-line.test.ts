/** The first line of every answer is an instruction, or says whose it is. */
import { describe, expect, it } from 'vitest'
import { diagnosisText } from '../cli/formats/diagnosis/text-output.ts'
import { snapshotReader } from '../functions/adapters/files/account-snapshot.ts'
import { DEFAULT_CONFIG } from '../functions/domain/config/config.ts'
import { type Analysis, analyze } from '../functions/workflows/denial/analyze-denial.ts'
import { analyzeCase, CASE_FILES, caseFile, inputOf, NOW_MS } from './case-run.ts'
import { denialsOf, POST_FILES, postsIn } from './post-file.ts'

/** What a person is told to do: imperatives, each a word that stands first in some answer. */
const IMPERATIVES = [
  ...['Add', 'Allow', 'Ask', 'Assume', 'Bootstrap', 'Change', 'Check', 'Compare', 'Create', 'Decode', 'Find', 'Get'],
  ...['Have', 'Leave', 'Look', 'Meet', 'Name', 'Pass', 'Read', 'Remove', 'Repeat', 'Replace', 'Sign', 'Use', 'Copy'],
]

function firstLine(analysis: Analysis): string {
  const text = diagnosisText(analysis, { colour: false, nowMs: NOW_MS, note: null, place: null, isVerbose: false })
  return text.split('\n').find(line => line.trim() !== '') ?? ''
}

function expectInstruction(analysis: Analysis): void {
  const line = firstLine(analysis)
  expect(line).toMatch(new RegExp(`^(?:${IMPERATIVES.join('|')}) \\S.*\\S$`))
  expect(line).not.toMatch(/digest|sha256/)
}

describe.each(CASE_FILES.filter(name => !name.startsWith('code')))('%s', name => {
  const file = caseFile(name)
  it.each(file.cases.map(one => [one.name, one] as const))('%s', async (_, one) => {
    expectInstruction(await analyzeCase(inputOf(file, one)))
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
