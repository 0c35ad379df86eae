/** Every incident of the runbooks is caused by a test, which sees the alarm or the words by which the runbooks say that it is known. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Metric } from 'aws-cdk-lib/aws-cloudwatch'
import { describe, expect, it } from 'vitest'
import { customMetricAlarms } from '../infra/constructs/observability/custom-metrics.ts'
import { FAULTS } from './e2e/fault-table.ts'
import { root } from './layout.ts'

const read = (file: string): string => readFileSync(join(root, file), 'utf8')
const tests = execFileSync('git', ['ls-files', 'test/**/*.test.ts'], { cwd: root, encoding: 'utf8' })
  .split('\n')
  .filter(file => file !== '' && !file.startsWith('test/infra/') && file !== 'test/incidents.test.ts')
const texts = new Map(tests.map(file => [file, read(file)]))
/** Named where a test compares what was counted. */
const isSeen = (metric: string): boolean =>
  [...texts.values()].some(
    text =>
      new RegExp(`expect\\(.*'${metric}'`).test(text) ||
      (text.includes(`'${metric}'`) && /expect\([^\n]*(?:counted|metrics|counts|seen)\b/.test(text)),
  )

const byFault = new Set(FAULTS.flatMap(({ alarms }) => alarms))
const alarms = customMetricAlarms().map(({ id, runbook, metric }) => ({
  ...{ id, runbook, metric: (metric as Metric).metricName },
}))

/** Those without an alarm of the bot's own metrics: the test that causes each, and a word of it. */
const OTHERS: { readonly [section: string]: readonly [file: string, words: string] } = {
  'dead-letters': ['test/infra/queues.ts', 'deadLetter'],
  'what-could-not-be-forwarded': ['test/infra/flow.ts', 'forward-dead'],
  'old-messages': ['test/infra/metrics.ts', 'ApproximateAgeOfOldestMessage'],
  'function-errors': ['test/e2e/fault-table.ts', 'errors-verify'],
  throttles: ['test/infra/metrics.ts', 'Throttles'],
  'sweep-not-running': ['test/infra/metrics.ts', 'sweep-not-running'],
  'verify-not-running': ['test/infra/metrics.ts', 'verify-not-running'],
  'disabled-encryption-key': ['test/adapters/append-to-chain.slow.test.ts', 'KMS.DisabledException'],
  'disabled-signing-key': ['test/e2e/fault-table.ts', "'kms Sign': ['denied', 'disabled']"],
  'region-outage': ['test/e2e/shown-steps.test.ts', 'docs/runbooks.md'],
  'storage-that-is-lost': ['test/e2e/shown-steps.test.ts', 'docs/runbooks.md'],
}

const sections = [...read('docs/runbooks.md').matchAll(/^## (.+)$/gm)].map(([, title = '']) =>
  title.toLowerCase().replaceAll(' ', '-'),
)

describe('an incident of the runbooks', () => {
  it.each(alarms)('is caused by a test, which sees $id', ({ id, metric }) => {
    expect(byFault.has(id) || isSeen(metric)).toBe(true)
  })

  it.each(sections)('%s is one of an alarm that is caused, or has its own test', section => {
    const other = OTHERS[section]
    if (other === undefined) return expect(alarms.map(({ runbook }) => runbook)).toContain(section)
    expect(read(other[0])).toContain(other[1])
  })

  it('is not listed twice', () => {
    expect(Object.keys(OTHERS).filter(section => !sections.includes(section))).toEqual([])
  })
})
