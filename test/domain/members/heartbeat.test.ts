import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { matchesPattern } from '../../../cli/use-cases/match/event-ruler.ts'
import { HEARTBEAT_PATTERN, readHeartbeat } from '../../../functions/domain/members/heartbeat.ts'

/** As EventBridge delivers it. https://docs.aws.amazon.com/eventbridge/latest/ref/events-structure.html */
const EVENT = {
  version: '0',
  id: '6f1c3c0e-1f3a-4c1b-9d9e-0c7a2f1b2c3d',
  'detail-type': 'Heartbeat',
  source: 'rolemedic.heartbeat',
  account: '444455556666',
  time: '2026-11-24T12:00:00Z',
  region: 'eu-central-1',
  resources: [],
  detail: { version: '0.1.0' },
}

describe('a heartbeat', () => {
  it('says where it comes from, when it was sent, and which version is deployed there', () => {
    expect(readHeartbeat(EVENT)).toEqual({
      accountId: '444455556666',
      region: 'eu-central-1',
      sentAtMs: Date.UTC(2026, 10, 24, 12),
      version: '0.1.0',
    })
  })

  it('is brought by its rule, and no denial is', () => {
    expect(matchesPattern(HEARTBEAT_PATTERN, EVENT)).toBe(true)
    const record: unknown = JSON.parse(readFileSync('events/ecs-register-task-definition.json', 'utf8'))
    const denial = { ...EVENT, source: 'aws.ecs', 'detail-type': 'AWS API Call via CloudTrail', detail: record }
    expect(matchesPattern(HEARTBEAT_PATTERN, denial)).toBe(false)
    expect(readHeartbeat(denial)).toBeNull()
    expect(readHeartbeat(record)).toBeNull()
  })

  it.each([
    ['an account id that is none', { account: '44445555' }],
    ['a Region that is none', { region: 'the-moon' }],
    ['a time that is none', { time: 'soon' }],
    ['another detail type', { 'detail-type': 'AWS API Call via CloudTrail' }],
    ['an account that is no text', { account: { toString: '111122223333' } }],
  ])('with %s is none', (_what, changes) => {
    expect(readHeartbeat({ ...EVENT, ...changes })).toBeNull()
  })

  it.each([{ version: '<script>' }, { version: 'a'.repeat(65) }, { version: ['0.1.0'] }, {}, null, 'text'])(
    'with the detail %j has no version',
    detail => {
      expect(readHeartbeat({ ...EVENT, detail })).toMatchObject({ version: null })
    },
  )

  it('takes no account or Region from its detail', () => {
    const detail = {
      account: '999999999999',
      accountId: '999999999999',
      region: 'us-east-1',
      time: '2030-01-01T00:00:00Z',
    }
    expect(readHeartbeat({ ...EVENT, detail })).toMatchObject({
      accountId: '444455556666',
      region: 'eu-central-1',
      sentAtMs: Date.UTC(2026, 10, 24, 12),
    })
  })
})
