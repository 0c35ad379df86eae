import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { deploy, ORGANIZATION, resources } from './deployment.ts'

const deployed = deploy({ organization: ORGANIZATION })
const BOT = 'rolemedic-bot'
const text = (value: unknown) => JSON.stringify(value)

describe('the runbooks', () => {
  const runbooks = readFileSync(resolve(import.meta.dirname, '../../docs/runbooks.md'), 'utf8')
  const sections = [...runbooks.matchAll(/^## (.+)$/gm)].map(([, title]) => anchor(title ?? ''))
  const alarms = (settings: object = { organization: ORGANIZATION }) =>
    resources(deploy({ ...settings }), 'AWS::CloudWatch::Alarm').map(({ Properties }) => Properties)

  it('have a section for each alarm, and each alarm names its own', () => {
    expect(alarms().length).toBeGreaterThan(40)
    const missing = alarms().filter(({ AlarmDescription }) => {
      const [, section] = / Runbook: docs\/runbooks\.md#([a-z0-9-]+)$/.exec(String(AlarmDescription)) ?? []
      return section === undefined || !sections.includes(section)
    })
    expect(missing.map(({ AlarmName }) => AlarmName)).toEqual([])
  })

  it('are linked where they are, once the settings say where', () => {
    const runbook = 'https://wiki.corp.test/rolemedic/runbooks'
    for (const { AlarmDescription } of alarms({ runbook }))
      expect(String(AlarmDescription)).toMatch(/ https:\/\/wiki\.corp\.test\/rolemedic\/runbooks#[a-z-]+$/)
    const [dashboard] = resources(deploy({ runbook }), 'AWS::CloudWatch::Dashboard')
    expect(text(dashboard?.Properties['DashboardBody'])).toContain(`[Runbooks](${runbook})`)
  })

  it('are read by somebody who knows from the alarm what to look at: names as AWS has them', () => {
    const named = (type: string, key: string) =>
      resources(deployed, type).map(({ Properties }) => String(Properties[key]))
    const names = [
      ...named('AWS::SQS::Queue', 'QueueName'),
      ...named('AWS::Lambda::Function', 'FunctionName'),
      ...named('AWS::Logs::LogGroup', 'LogGroupName'),
    ]
    const descriptions = alarms().map(({ AlarmName, AlarmDescription }) => ({
      alarm: String(AlarmName),
      names: String(AlarmDescription).match(/(\/aws\/lambda\/)?rolemedic-[a-z-]+(\.fifo)?/g) ?? [],
    }))
    expect(descriptions.filter(one => one.names.length === 0)).toEqual([])
    expect(descriptions.flatMap(one => one.names).filter(name => !names.includes(name))).toEqual([])
    expect(descriptions.find(({ alarm }) => alarm === 'rolemedic-dead-letters-verify')?.names).toEqual([
      'rolemedic-verify-dead.fifo',
    ])
  })

  it('send no work by hand: what nobody signed is not carried out', () => {
    expect(runbooks).not.toMatch(/"kind" *: *"/)
  })

  it('cost what the documentation counts', () => {
    const deployment = readFileSync(resolve(import.meta.dirname, '../../docs/cost.md'), 'utf8')
    const watching = resources(deployed, 'AWS::CloudWatch::Alarm', BOT).length
    expect(/\| alarms +\| (\d+) × 0\.10 +\| +(\d+\.\d\d) \|/.exec(deployment)?.slice(1)).toEqual([
      String(watching),
      (watching * 0.1).toFixed(2),
    ])
  })

  it('are no placeholder anywhere', () => {
    expect(text(deploy().templates)).not.toMatch(/example|https?:\/\/|github/i)
  })

  it('are what the hub’s alarms tell people to read', () => {
    for (const { Properties } of resources(deployed, 'AWS::CloudWatch::Alarm', BOT)) {
      expect(Properties['AlarmActions']).toHaveLength(1)
      expect(Properties['OKActions']).toHaveLength(1)
    }
  })
})

/** As GitHub makes the anchor of a heading. */
const anchor = (title: string) =>
  title
    .toLowerCase()
    .replace(/[^\w\s-]/g, '')
    .trim()
    .replace(/\s+/g, '-')
