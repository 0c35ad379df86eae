import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '..')
const read = (file: string): string => readFileSync(join(root, file), 'utf8')

const sources = (...globs: readonly string[]) =>
  execFileSync('git', ['ls-files', ...globs], { cwd: root, encoding: 'utf8' })
    .split('\n')
    .filter(file => file !== '')

const LOGGED = /\.log\(\s*'(?:info|warn|error)',\s*('[^']*'|[^\s,)]+)/g
const events = sources('functions/*.ts', 'functions/**/*.ts').flatMap(file =>
  [...read(file).matchAll(LOGGED)].map(([, name]) => ({ file, name: name ?? '' })),
)

/** Texts of Lambda and of AWS's errors, and the text of an error of ours. */
const NO_EVENTS = [
  ...['ERROR', 'REPORT', 'timed out', 'Runtime exited', 'the audit log is broken'],
  ...['DisabledException', 'KMSInvalidStateException'],
]

/** What AWS, Lambda and Slack say, in their own words. */
const OF_OTHERS =
  /^(is not authorized to perform: \w+:\w+|The specified bucket does not exist|Task timed out|Runtime exited|ThrottlingException|ProvisionedThroughput|not_in_channel|is_archived|is_inactive|missing_scope|expired_trigger_id|not_enabled)$/

/** The texts that a table says to look for in a log, and every name of an event or an error; without what differs. */
function quotedIn(page: string): readonly string[] {
  const tables = [
    ...page.matchAll(/^ *\| (?:the log says|the log has `problem`|`error`|`code`) +\|.*\n((?: *\|.*\n)+)/gm),
  ]
  const cells = tables.flatMap(([, rows = '']) => rows.split('\n').map(row => row.split('|')[1] ?? ''))
  const spans = cells.flatMap(cell => [...cell.matchAll(/`([^`]+)`/g)].map(([, text = '']) => text))
  const named = [...page.matchAll(/`([a-z]+(?:_[a-z]+)+)`/g)].map(([, name = '']) => name)
  return [...spans.flatMap(text => text.split('…')), ...named].map(text => text.trim()).filter(text => text.length > 2)
}

describe('log events', () => {
  it('have names in snake case', () => {
    expect(events.length).toBeGreaterThan(40)
    expect(events.filter(({ name }) => !/^'[a-z]+(_[a-z]+)*'$/.test(name))).toEqual([])
  })

  it('are what the runbooks search for', () => {
    const names = new Set(events.map(({ name }) => name.slice(1, -1)))
    const patterns = [...read('docs/runbooks.md').matchAll(/--filter-pattern (?:'([^']+)'|(\S+))/g)]
    const searched = patterns.flatMap(([, quoted, plain]) =>
      [...(quoted ?? plain ?? '').matchAll(/"([^"]+)"|[^\s?]+/g)].map(([term, phrase]) => phrase ?? term),
    )
    expect(searched.length).toBeGreaterThan(10)
    expect(searched.filter(term => !names.has(term) && !NO_EVENTS.includes(term))).toEqual([])
  })

  it('and texts of errors that the runbooks quote are those of the code', () => {
    const page = read('docs/runbooks.md')
    const code = sources('functions/*.ts', 'functions/**/*.ts', 'core/**/*.ts').map(read).join('\n')
    const missing = (text: string) => quotedIn(text).filter(one => !code.includes(one) && !OF_OTHERS.test(one))
    expect(quotedIn(page).length).toBeGreaterThan(60)
    expect(missing(page)).toEqual([])
    expect(missing(page.replace('`the audit log cannot be read: …`', '`the audit log was not read: …`'))).toEqual([
      'the audit log was not read:',
    ])
    expect(missing(page.replaceAll('`home_not_published`', '`home_unpublished`'))).toEqual(['home_unpublished'])
  })
})
