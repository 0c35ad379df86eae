import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { attackTests } from '../../tools/threat-model/attack-tests.ts'
import { CONTROLS } from '../../tools/threat-model/controls.ts'
import { threatModelPage } from '../../tools/threat-model/page.ts'
import { ROOTS } from '../../tools/threat-model/roots.ts'
import { attackTestsOfTree, threatModel } from '../../tools/threat-model/threat-model.ts'
import { ROWS, SECTIONS } from '../../tools/threat-model/threats.ts'

const text = (path: string) => readFileSync(join(import.meta.dirname, path), 'utf8')
const ids = [...SECTIONS.flatMap(({ threats }) => Object.keys(threats)), ...Object.keys(ROOTS)]

const IMPORT = `import { attack } from './attack.ts'\n`
const testsIn = (body: string) => attackTests(new Map([['a.test.ts', IMPORT + body]]))

describe('the threat model', () => {
  it('is the page that the tests’ table gives (npm run threat-model writes it)', () => {
    expect(threatModelPage(threatModel())).toBe(text('../../docs/threat-model.md'))
  })

  it('has for each row one test that always runs, and a row for each test', () => {
    const { files, odd } = attackTestsOfTree()
    expect(odd).toEqual([])
    expect([...files.keys()].sort()).toEqual([...ROWS.keys()].sort())
    expect([...files].filter(([, places]) => places.length > 1)).toEqual([])
  })

  it('has each id once, and names none that is not there', () => {
    expect(new Set(ids).size).toBe(ids.length)
    const named = [
      ...Object.values(ROOTS).flatMap(({ see }) => see),
      ...SECTIONS.flatMap(({ threats }) =>
        Object.values(threats).flatMap(({ remains }) => [...(remains ?? '').matchAll(/\b[A-Z]\d+\b/g)].map(String)),
      ),
    ]
    expect(named.length).toBeGreaterThan(20)
    expect(named.filter(id => !ROWS.has(id))).toEqual([])
  })

  it('runs each test of a row as an ordinary test that must assert something', () => {
    expect(text('attack.ts')).toMatch(/^ {2}it\(`\$\{id\}: /m)
    expect(text('attack.ts')).toContain('expect.hasAssertions()')
    expect(text('attack.ts')).not.toMatch(/skip|todo|only|fails|if \(/)
  })

  it('finds each control that is taken out in the code once', () => {
    const wrong = CONTROLS.filter(({ file, from, to }) => from === to || text(`../../${file}`).split(from).length !== 2)
    expect(wrong.map(({ attack, what }) => `${attack}: ${what}`)).toEqual([])
  })

  it('is not written where a row has no test', () => {
    const { tests, ...model } = threatModel()
    const without = new Map([...tests].filter(([id]) => id !== 'T9'))
    expect(() => threatModelPage({ ...model, tests: without })).toThrow('T9 has no test')
  })
})

describe('the test of a row', () => {
  it('is known directly in a describe, alone', () => {
    const found = testsIn(`describe('a', () => {\n  attack('T1', async () => {\n    await x()\n  })\n})\n`)
    expect([...found.files]).toEqual([['T1', ['a.test.ts']]])
    expect(found.odd).toEqual([])
  })

  it.each([
    ['another name', `describe('a', () => {\n  attacks('T1', () => x())\n})\n`],
    ['a comment', `describe('a', () => {\n  // attack('T1', () => x())\n})\n`],
    ['a describe that is skipped', `describe.skip('a', () => {\n  attack('T1', () => x())\n})\n`],
    ['a describe on a condition', `describe.runIf(ci)('a', () => {\n  attack('T1', () => x())\n})\n`],
    ['a condition', `describe('a', () => {\n  if (ci) attack('T1', () => x())\n})\n`],
    ['a block on a condition', `describe('a', () => {\n  if (ci) {\n    attack('T1', () => x())\n  }\n})\n`],
    ['a function that nobody calls', `function never() {\n  attack('T1', () => x())\n}\n`],
    ['a function of another name', `const attack = it.skip\ndescribe('a', () => {\n  attacked('T1', () => x())\n})\n`],
  ])('is not known in %s', (_, body) => {
    expect(testsIn(body).files.size).toBe(0)
  })

  it.each([
    ['a test that is skipped', `describe('a', () => {\n  attack.skip('T1', () => x())\n})\n`],
    ['another name for it', `const attacked = attack\n`],
    ['an early return before it', `describe('a', () => {\n  if (!ci) return\n  attack('T1', () => x())\n})\n`],
    ['a test in a loop', `describe('a', () => {\n  for (const id of ids) attack(id, () => x())\n})\n`],
    ['an attack of one’s own', `const attack = (id) => it.skip(id)\n`],
  ])('is not believed with %s', (_, body) => {
    expect(testsIn(body).odd).not.toEqual([])
  })

  it('is not believed under another import', () => {
    const body = `import { attack as tried } from './attack.ts'\ndescribe('a', () => {\n  tried('T1', () => x())\n})\n`
    expect(attackTests(new Map([['a.test.ts', body]])).odd).toHaveLength(1)
  })
})
