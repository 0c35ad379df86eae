import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { riskTable } from '../../cli/risk-table.ts'
import { analyzeRisk, pathCases } from '../fixtures/risk/risk-cases.ts'

/** The formatter aligns the columns. */
const plain = (text: string) => text.replace(/-+/g, '-').replace(/ +/g, ' ').trim()

describe('docs/risk.md', () => {
  it('has the table that npm run risk-page writes', () => {
    const page = readFileSync(new URL('../../docs/risk.md', import.meta.url), 'utf8')
    expect(plain(page).endsWith(plain(riskTable()))).toBe(true)
  })

  it('says of every path that it is high on every resource, which it is', async () => {
    const rows = riskTable()
      .split('\n')
      .filter(line => line.includes('](https://'))
    expect(rows.filter(line => line.split(' | ')[1] !== 'high')).toEqual([])
    const everywhere = pathCases().filter(({ variant }) => variant === 'everywhere')
    const levels = await Promise.all(
      everywhere.map(async ({ path, setup }) => [path, (await analyzeRisk(setup, 'pass')).verification?.risk]),
    )
    expect(levels.filter(([, risk]) => risk !== 'high')).toEqual([])
    expect(everywhere.length).toBe(rows.length)
  })
})
