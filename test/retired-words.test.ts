import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { splitSource } from './retired-words/split-source.ts'
import { RETIRED_NAMES, RETIRED_WORDS, type RetiredWord } from './retired-words/words.ts'

const root = resolve(import.meta.dirname, '..')

/** Files and folders without retired words. Everything joins this list in the end. */
const CLEAN: readonly string[] = [
  '.ci',
  '.github',
  'bench',
  'cli',
  'functions/adapters',
  'functions/domain/access',
  'functions/domain/actions',
  'functions/domain/base',
  'functions/domain/config',
  'functions/domain/denial',
  'functions/domain/diagnosis',
  'functions/domain/iam',
  'functions/domain/patch',
  'infra',
  'simulator',
  'test/adapters',
  'test/cases',
  'test/domain/access',
  'test/domain/base',
  'test/domain/denial',
  'test/domain/diagnosis',
  'test/domain/iam',
  'test/domain/patch',
  'test/domain/wrong-fixes.test.ts',
  'test/e2e',
  'test/fixtures',
  'test/infra',
  'test/mutation',
  'test/naive',
  'test/property',
  'test/cli',
  'test/conformance',
  'test/domain/config',
  'test/simulator',
]

/** Files that contain retired words for a reason. */
const EXCEPTIONS: { readonly [file: string]: string } = {
  'test/retired-words/words.ts': 'the list itself',
  'test/retired-words.test.ts': 'the sentences that must be found',
  'cli/audit/report/charts.ts': 'uses a name of domain/audit',
  'cli/audit/report/page.ts': 'uses a name of domain/audit',
  'cli/diagnose/approvers-needed.ts': 'uses a name of workflows/approval',
  'simulator/bot.ts': 'uses names of ports and workflows',
  'test/property/decide.test.ts': 'uses names of ports',
  'functions/adapters/aws/dynamodb/item-table.ts': 'is being renamed',
  'functions/adapters/aws/dynamodb/proposals-table.ts': 'is being renamed',
  'functions/adapters/aws/dynamodb/table-items.ts': 'is being renamed',
  'functions/adapters/aws/dynamodb/table-keys.ts': 'is being renamed',
  'functions/adapters/aws/dynamodb/table-schema.ts': 'is being renamed',
  'functions/adapters/composition/cloud.ts': 'uses a name of ports',
  'functions/adapters/composition/slack-renderer.ts': 'is being renamed',
  'functions/adapters/slack/blocks/card.ts': 'uses a name of domain/card',
  'functions/adapters/slack/endpoint/endpoint.ts': 'uses a name of ports',
  'test/adapters/deploy-notice.test.ts': 'uses names of domain/deploy',
  'test/adapters/slack-endpoint.test.ts': 'uses a name of ports',
  'test/infra/state.ts': 'uses a name of adapters/aws/dynamodb',
}

/** Recorded output, which each run of a bench writes again. */
const RECORDED = 'bench/results/'

const CODE = /\.(?:[cm]?js|tsx?)$/
const TEXT = /\.(?:md|ya?ml|json|css|html|sh|tsv)$/

/** One line for each retired word: where, what, and what to write instead. */
function retiredWordsIn(file: string, source: string): readonly string[] {
  if (!CODE.test(file)) return hits(file, oneLine(source), source, RETIRED_WORDS)
  const { code, text } = splitSource(source)
  return [...hits(file, oneLine(text), source, RETIRED_WORDS), ...hits(file, code, source, RETIRED_NAMES)]
}

/** A phrase can continue on the next line. Positions stay the same. */
const oneLine = (text: string): string =>
  text.replace(/\n[ \t]*(?:\*|\/\/|#|>|-)?[ \t]*/g, gap => ' '.repeat(gap.length))

function hits(file: string, content: string, source: string, words: readonly RetiredWord[]): readonly string[] {
  return words.flatMap(({ pattern, instead }) =>
    [...content.matchAll(pattern)].map(match => {
      const line = source.slice(0, match.index).split('\n').length
      return `${file}:${line}: "${match[0].replace(/\s+/g, ' ')}" (write: ${instead})`
    }),
  )
}

const files = execFileSync('git', ['ls-files', ...CLEAN], { cwd: root, encoding: 'utf8' })
  .split('\n')
  .filter(
    file => (CODE.test(file) || TEXT.test(file)) && !file.startsWith(RECORDED) && !Object.hasOwn(EXCEPTIONS, file),
  )

describe('retired words', () => {
  it('occur in no comment, text, document or name', () => {
    expect(files.length).toBeGreaterThan(100)
    expect(files.flatMap(file => retiredWordsIn(file, readFileSync(join(root, file), 'utf8')))).toEqual([])
  })

  it('are found in comments and strings, across lines, and with their line', () => {
    const source =
      "/** Whoever made it\n * stands\n * beside it. */\nconst text = 'mended afresh'\nconst t = `${a} lest ${b}`\n"
    expect(retiredWordsIn('a.ts', source).map(hit => hit.replace(/ \(write.*/, ''))).toEqual([
      'a.ts:1: "Whoever"',
      'a.ts:4: "mended"',
      'a.ts:4: "afresh"',
      'a.ts:2: "stands beside"',
      'a.ts:5: "lest"',
    ])
  })

  it('are found in documents', () => {
    expect(retiredWordsIn('a.md', 'The events tell\nof it.')).toHaveLength(1)
  })

  it('are found as names, with what the name goes on to', () => {
    const source = "import { paint } from './x.ts'\nconst sayDiagnosis = (whisper: string) => paint(whisper)\n"
    expect(
      retiredWordsIn('a.ts', source)
        .map(hit => /"(\w+)"/.exec(hit)?.[1])
        .sort(),
    ).toEqual(['paint', 'paint', 'sayDiagnosis', 'whisper', 'whisper'])
  })

  it('are no names in a text, and no texts in a name', () => {
    expect(retiredWordsIn('a.ts', "// It opens the file later.\nconst mendable = 'paint'\n")).toEqual([
      expect.stringContaining('"mendable"'),
    ])
  })
})

describe('the text of a source', () => {
  it.each([
    ["const a = 'it''s'", 'it  s'],
    ['const a = /"[/]/.test(x) // why', '"[/] // why'],
    ['const a = b / c / d // rest', '// rest'],
    ['`one ${two(`three ${four}`)} five`', 'one three five'],
    ["f({ a: '}' }) + `${{ a: 1 }.a} x`", '} x'],
    ["'it\\'s' + x", "it\\'s"],
  ])('%j is %j', (source, text) => {
    expect(splitSource(source).text.replace(/\s+/g, ' ').trim()).toBe(text.replace(/\s+/g, ' ').trim())
  })
})
