/** Each assumption that only an account settles names a check that exists. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { backtest } from '../../cli/outputs/backtest.ts'
import { HOPS } from '../../cli/outputs/canary.ts'

const root = resolve(import.meta.dirname, '../..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const rows = read('docs/assumptions.md')
  .split('\n')
  .filter(line => line.startsWith('| ') && !line.startsWith('| it relies on') && !line.startsWith('| --'))
  .map(line => line.split('|').map(cell => cell.trim()))
const checks = rows.map(([, assumption = '', , check = '']) => {
  const [, command = '', name = ''] = /^(?:`([^`]+)`: `([^`]+)`|none: .+)$/.exec(check) ?? []
  return { assumption, command, name, isSettled: !check.startsWith('none: ') }
})

/** The names of the lines that `doctor` prints, as its code has them. */
const lines = ['cli/use-cases/doctor', 'cli/use-cases/chat']
  .flatMap(folder =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map(file => `${folder}/${file}`),
  )
  .filter(file => file.endsWith('.ts'))
  .flatMap(file => [
    ...read(file).matchAll(/(?:(?:okCheck|failedCheck|warning|checked)\(\s*|(?:NAME|name) = )'([^']+)'/g),
  ])
  .map(([, name = '']) => name)

/** The services whose actions the functions try on themselves. */
const tried = readdirSync(join(root, 'functions/adapters'), { recursive: true, encoding: 'utf8' })
  .filter(file => /(?:^|\/)(?:self-tests\/[\w-]+|try-[\w-]+)\.ts$/.test(file))
  .flatMap(file => [...read(`functions/adapters/${file}`).matchAll(/[`']([a-z0-9]+):[A-Z][A-Za-z]+ /g)])
  .map(([, service = '']) => service)

const KNOWN: { readonly [command: string]: readonly string[] } = {
  'doctor --live': lines,
  canary: HOPS,
  backtest: Object.keys(backtest.shape),
  '/rolemedic doctor': tried,
}

describe('the assumptions that only an account settles', () => {
  it('are listed', () => expect(checks.length).toBeGreaterThanOrEqual(20))

  it.each(checks.filter(({ isSettled }) => isSettled))('$assumption: $command $name', ({ command, name }) =>
    expect(KNOWN[command] ?? []).toContain(name),
  )

  it('are three at most that no check settles by itself', () =>
    expect(checks.filter(({ isSettled }) => !isSettled).length).toBeLessThanOrEqual(3))

  it('are no reason to leave out a hop of the canary', () => {
    const named = checks.filter(({ command }) => command === 'canary').map(({ name }) => name)
    expect(HOPS.filter(hop => !named.includes(hop))).toEqual([])
  })
})

describe('docs/doctor.md', () => {
  it('has a row for each line of doctor', () => {
    const table = read('docs/doctor.md')
    const missing = [...new Set(lines)].filter(name => !table.includes(`\`${name}\``))
    expect(missing).toEqual([])
  })
})
