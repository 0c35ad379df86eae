/** docs/trust.md says what the code does: names, files, permissions and figures are compared. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CHECKS } from '../../functions/domain/authority/checks/authority.ts'
import { LEDGER_WRITERS, SENDERS } from '../../infra/names.ts'
import { root } from '../layout.ts'

const page = readFileSync(join(root, 'docs/trust.md'), 'utf8')
const rowsOf = (section: string): readonly (readonly string[])[] =>
  (page.split(`## ${section}\n`)[1]?.split('\n## ')[0] ?? '')
    .split('\n')
    .filter(line => /^\| `/.test(line))
    .map(line => line.split('|').map(cell => cell.trim()))
const named = (cell = ''): readonly string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name)

describe('the page for a security reviewer', () => {
  it('names every check, in the order in which they run', () => {
    expect(rowsOf('What says yes').flatMap(([, name]) => named(name))).toEqual(Object.keys(CHECKS))
  })

  it('names files that are there', () => {
    const files = named(page).filter(name => /^(?:functions|test)\/.*\.ts$/.test(name))
    expect(files.length).toBeGreaterThan(9)
    expect(files.filter(file => !existsSync(join(root, file)))).toEqual([])
  })

  it('gives each function the prefixes and the queues that it is deployed with', () => {
    for (const [, name, , prefixes, queues] of rowsOf('Who may do what')) {
      const [role = ''] = named(name)
      const put = Object.entries(LEDGER_WRITERS).filter(([, writer]) => writer === role)
      expect([role, named(prefixes)]).toEqual([role, put.map(([prefix]) => `${prefix}/`)])
      const guarded = Object.entries(SENDERS).filter(([, senders]) => (senders as readonly string[]).includes(role))
      expect([role, named(queues)]).toEqual([role, expect.arrayContaining(guarded.map(([queue]) => queue))])
      const wrong = named(queues).filter(
        queue => Object.hasOwn(SENDERS, queue) && !guarded.some(([guardedQueue]) => guardedQueue === queue),
      )
      expect([role, wrong]).toEqual([role, []])
    }
  })

  it('has the lines of code that the budget holds', () => {
    const budget = readFileSync(join(root, 'test/write-budget.test.ts'), 'utf8')
    const [decides, holds] = [...budget.matchAll(/most: (\d+)/g)].map(([, most]) => Number(most).toLocaleString('en'))
    expect(page).toContain(`at most ${decides} decide that a write may happen`)
    expect(page).toContain(`at most ${holds} are loaded`)
  })
})
