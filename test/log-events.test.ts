import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '..')
const read = (file: string): string => readFileSync(join(root, file), 'utf8')

const LOGGED = /\.log\(\s*'(?:info|warn|error)',\s*('[^']*'|[^\s,)]+)/g
const events = execFileSync('git', ['ls-files', 'functions/*.ts', 'functions/**/*.ts'], { cwd: root, encoding: 'utf8' })
  .split('\n')
  .filter(file => file !== '')
  .flatMap(file => [...read(file).matchAll(LOGGED)].map(([, name]) => ({ file, name: name ?? '' })))

/** Texts of Lambda, and the text of an error. */
const NO_EVENTS = ['ERROR', 'REPORT', 'timed out', 'Runtime exited', 'the audit log is broken']

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
})
