/** docs/cost.md: each sum is right, and the templates contain what it counts. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { deploy, ORGANIZATION, resources } from './deployment.ts'

const page = readFileSync(resolve(import.meta.dirname, '../../docs/cost.md'), 'utf8')
const deployed = deploy({ organization: ORGANIZATION })
const alarms = (stack: string) => resources(deployed, 'AWS::CloudWatch::Alarm', stack).length

type Row = { readonly what: string; readonly sum: string; readonly dollars: string }

/** The rows below a heading of three columns, up to the line `together`. */
const tables: readonly { readonly rows: readonly Row[]; readonly together: string }[] = [
  ...page.matchAll(/^\| +\| sum[^\n]*\n\|[-:| ]+\n((?:\|.*\n)+)/gm),
].map(([, body = '']) => {
  const rows = [...body.matchAll(/^\| (.+?) +\| (.*?) +\| +(\S+) \|$/gm)].map(
    ([, what = '', sum = '', dollars = '']): Row => ({ what, sum, dollars: dollars.replaceAll('*', '') }),
  )
  return {
    rows: rows.filter(({ what }) => what !== '**together**'),
    together: rows.find(({ what }) => what === '**together**')?.dollars ?? '',
  }
})

/** Evaluates numbers, + × / and brackets. Ignores words and units, as in `0.2 s × 0.5 GB`. */
function amountOf(sum: string): number {
  const tokens = sum.replaceAll(/,(?=\d{3})/g, '').match(/\d+(?:\.\d+)?|[×+/()]/g) ?? []
  let at = 0
  const factor = (): number => {
    const token = tokens[at++]
    if (token !== '(') return Number(token)
    const inner = added()
    at++
    return inner
  }
  const multiplied = (): number => {
    let value = factor()
    while (tokens[at] === '×' || tokens[at] === '/') value = tokens[at++] === '×' ? value * factor() : value / factor()
    return value
  }
  const added = (): number => {
    let value = multiplied()
    while (tokens[at] === '+') {
      at++
      value += multiplied()
    }
    return value
  }
  return added()
}

/** A sum with other words than units is an assumption that only a reader can check. */
const isPlain = ({ sum }: Row) =>
  !/[a-z]{3,}/i.test(sum.replaceAll(/batches|requests|queries|units|pollers|minute/g, ''))

describe('docs/cost.md', () => {
  it('adds up: each row, and each table', () => {
    expect(tables.length).toBe(5)
    for (const { rows, together } of tables) {
      for (const row of rows.filter(isPlain))
        expect([row.what, Math.abs(amountOf(row.sum) - Number(row.dollars)) < 0.006]).toEqual([row.what, true])
      const sum = rows.reduce((all, { dollars }) => all + Number(dollars), 0)
      expect([together, sum.toFixed(2)]).toEqual([together, together])
    }
    expect(tables.flatMap(({ rows }) => rows).filter(isPlain).length).toBeGreaterThan(15)
  })

  it('is what the README says of the hub', () => {
    const readme = readFileSync(resolve(import.meta.dirname, '../../README.md'), 'utf8')
    expect(readme).toContain(`about $${Math.round(Number(tables[0]?.together))} a month for the hub`)
  })

  it('counts the alarms of the hub, and one for each account and Region that forwards', () => {
    const [fixed, organization] = tables
    expect(fixed?.rows.find(({ what }) => what === 'alarms')?.sum).toBe(`${alarms('rolemedic-bot')} × 0.10`)
    expect(alarms('rolemedic-member-us-east-1')).toBe(1)
    expect(organization?.rows.find(({ what }) => what === 'members: alarms')?.sum).toBe('159 × 0.10')
  })

  it('counts the keys and secrets of the templates', () => {
    const count = (type: string) => resources(deployed, type).length
    expect(tables[0]?.rows.find(({ what }) => what === 'KMS keys')?.sum).toContain(`${count('AWS::KMS::Key')} × 1.00`)
    expect(tables[0]?.rows.find(({ what }) => what === 'secrets')?.sum).toBe(
      `${count('AWS::SecretsManager::Secret')} × 0.40`,
    )
    expect(count('AWS::CloudWatch::Dashboard')).toBe(1)
  })

  it('says how many custom metrics there are, of which it counts those of an ordinary month', () => {
    const metrics = new Set(
      resources(deployed, 'AWS::CloudWatch::Alarm', 'rolemedic-bot')
        .filter(({ Properties }) => Properties['Namespace'] === 'Rolemedic')
        .map(({ Properties }) => `${Properties['MetricName']} ${JSON.stringify(Properties['Dimensions'])}`),
    )
    expect(page).toContain(`alarms watch ${metrics.size} custom metrics`)
  })

  it('has heartbeats as often as the schedule sends them', () => {
    const [schedule] = resources(deployed, 'AWS::Scheduler::Schedule', 'rolemedic-member')
    expect(schedule?.Properties['ScheduleExpression']).toBe('rate(15 minutes)')
    // Thirty days.
    expect(page).toContain(`${((30 * 24 * 60) / 15).toLocaleString('en-US')} heartbeats a month`)
  })
})
