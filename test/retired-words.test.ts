import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { splitSource } from './retired-words/split-source.ts'
import { RETIRED_NAMES, RETIRED_WORDS, type RetiredWord } from './retired-words/words.ts'

const root = resolve(import.meta.dirname, '..')

type Exception = { readonly words: RegExp; readonly why: string }
const STORED_KEYS: Exception = { words: /^sighting$/, why: 'keys of stored items' }
const STORED_MEMBERS: Exception = { words: /^(?:sighting|said|traces)$/, why: 'members of stored items' }

/** Retired words that a file contains for a reason. */
const HINT: Exception = { words: /^says$/, why: 'a member of a published output' }

const EXCEPTIONS: { readonly [file: string]: Exception } = {
  'test/retired-words/words.ts': { words: /^/, why: 'the list itself' },
  'test/retired-words.test.ts': { words: /^/, why: 'the sentences that must be found' },
  'test/cases/hints/expired.json': { words: /^workbench$/, why: 'the name of a repository' },
  'test/cases/deploy-texts/other-reasons.json': { words: /^rights$/, why: 'words of git' },
  'cli/outputs/hint.ts': HINT,
  'cli/formats/hint/hint-text.ts': HINT,
  'cli/use-cases/comment/parse-diagnoses.ts': HINT,
  'test/cli/hints.test.ts': HINT,
  'test/cli/explain-deploy/sample-events.test.ts': HINT,
  'test/case-file.ts': { words: /^says$/, why: 'a member of the cases' },
  'test/cases.test.ts': { words: /^says$/, why: 'a member of the cases' },
  'test/deploys/sources/schedule-stepfunctions.yaml': { words: /^Rights$/, why: 'a template written by others' },
  'test/deploys/sources/vpc-flow-logs.yaml': { words: /^Rights$/, why: 'a template written by others' },
  'functions/domain/deploy/deploy-alert.ts': { words: /^mended$/, why: 'a published state, which others read' },
  'docs/notices.md': { words: /^mended$/, why: 'a published state, which others read' },
  'docs/runbooks.md': STORED_KEYS,
  'docs/adr/0017-stored-versions.md': STORED_KEYS,
  'functions/adapters/aws/dynamodb/table-keys.ts': STORED_KEYS,
  'test/infra/table-permissions.ts': STORED_KEYS,
  'test/fakes/memory-store.ts': STORED_KEYS,
  'functions/domain/stored/markers.ts': STORED_MEMBERS,
  'functions/domain/stored/stored-occurrence.ts': STORED_MEMBERS,
  'test/golden/golden.test.ts': STORED_KEYS,
  'test/domain/stored/whole-items.test.ts': STORED_MEMBERS,
}

/** Output of the benches and stored items of earlier versions. */
const RECORDED = /^(?:bench\/results|test\/golden\/v\d+)\//

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
    [...content.matchAll(pattern)].flatMap(match => {
      if (EXCEPTIONS[file]?.words.test(match[0])) return []
      const line = source.slice(0, match.index).split('\n').length
      return `${file}:${line}: "${match[0].replace(/\s+/g, ' ')}" (write: ${instead})`
    }),
  )
}

const files = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' })
  .split('\n')
  .filter(file => (CODE.test(file) || TEXT.test(file)) && !RECORDED.test(file))

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
