import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ABSENT, type Fact, found, known, type Read, unknown, unreadable } from '../../../core/base/fact.ts'
import type { Denial } from '../../../core/denial/denial.ts'
import { parseRecord } from '../../../core/denial/parse-denial.ts'
import { witnessDenial } from '../../../functions/workflows/denial/witness-denial.ts'
import { denialOfAssumption } from '../../../iac/needs/need-denial.ts'

type Json = { [key: string]: unknown }
const RECORD = JSON.parse(
  readFileSync(new URL('../../../events/ecs-register-task-definition.json', import.meta.url), 'utf8'),
) as Json
const parsed = parseRecord(RECORD)
if (parsed.kind !== 'denial') throw new Error('the sample is no denial')
const DENIAL = parsed.denial
const DENIED_AT = DENIAL.timeMs ?? 0
const MINUTE = 60_000

function ask(
  denial: Denial,
  byId: Read<unknown>,
  found: Fact<readonly unknown[]> = known([]),
  nowMs = DENIED_AT,
  complete = true,
) {
  const search = async () => (found.known ? known({ records: found.value, complete }) : found)
  const history = { byId: async () => byId, search }
  return witnessDenial(denial, nowMs, { history, explanations: null })
}

describe('a denial that came as a CloudTrail record', () => {
  it('is confirmed by the same record in the event history', async () => {
    expect(await ask(DENIAL, found(RECORD))).toEqual({ kind: 'confirmed', denial: DENIAL })
  })

  it.each<[string, Json]>([
    [
      'another caller',
      { userIdentity: { ...(RECORD['userIdentity'] as Json), arn: 'arn:aws:iam::111122223333:user/eve' } },
    ],
    ['no denial at all', { errorCode: undefined, errorMessage: undefined }],
    ['another account', { recipientAccountId: '444455556666' }],
  ])('is refuted by a record of its id that says %s', async (what, change) => {
    const type = what === 'another caller' ? { type: 'IAMUser' } : {}
    const record = { ...RECORD, ...change }
    if (what === 'another caller') record['userIdentity'] = { ...(record['userIdentity'] as Json), ...type }
    if (what === 'another caller')
      record['errorMessage'] = String(RECORD['errorMessage']).replace(
        /User: \S+/,
        'User: arn:aws:iam::111122223333:user/eve',
      )
    const witness = await ask(DENIAL, found(record), known([]), DENIED_AT + 60 * MINUTE)
    expect(witness.kind).toBe('refuted')
  })

  it.each<[string, Partial<Denial>]>([
    ['time', { timeMs: DENIED_AT + 1000 }],
    ['session', { principal: { ...DENIAL.principal, sessionName: 'another' } }],
    ['kind of caller', { principal: { ...DENIAL.principal, kind: 'sso-role' } }],
    ['role', { resource: 'arn:aws:iam::111122223333:role/admin' }],
    ['action', { action: 'sts:AssumeRole' }],
  ])('is refuted by the record of its id when its own %s was changed', async (_, changed) => {
    expect((await ask({ ...DENIAL, ...changed }, found(RECORD))).kind).toBe('refuted')
  })

  it('may still appear for fifteen minutes, and is refuted then', async () => {
    expect(await ask(DENIAL, ABSENT, known([]), DENIED_AT + 15 * MINUTE - 1)).toEqual({ kind: 'waiting' })
    expect((await ask(DENIAL, ABSENT, known([]), DENIED_AT + 15 * MINUTE)).kind).toBe('refuted')
    expect((await ask({ ...DENIAL, timeMs: null }, ABSENT)).kind).toBe('refuted')
  })

  it('is neither where the history cannot be read', async () => {
    expect(await ask(DENIAL, unreadable('refused'))).toEqual({ kind: 'unreadable', why: 'refused' })
  })

  it('is refuted where it does not say where it was recorded', async () => {
    expect((await ask({ ...DENIAL, region: null }, found(RECORD))).kind).toBe('refuted')
  })
})

describe('a denial that a log or a stack event reports', () => {
  const TOLD: Denial = { ...DENIAL, id: 'told', source: 'message' }

  it('is confirmed by a record of the same request at that time, whose event id it takes', async () => {
    expect(await ask(TOLD, ABSENT, known([{}, RECORD]))).toEqual({ kind: 'confirmed', denial: DENIAL })
  })

  it('is not confirmed by the same request at another time', async () => {
    const later = { ...TOLD, timeMs: DENIED_AT + 11 * MINUTE }
    expect((await ask(later, ABSENT, known([RECORD]), DENIED_AT + 60 * MINUTE)).kind).toBe('refuted')
  })

  it('is not confirmed by another request', async () => {
    const other = { ...TOLD, resource: 'arn:aws:iam::111122223333:role/admin' }
    expect((await ask(other, ABSENT, known([RECORD]), DENIED_AT + 60 * MINUTE)).kind).toBe('refuted')
  })

  it('is not confirmed by the same request of another session', async () => {
    const other = { ...TOLD, principal: { ...TOLD.principal, sessionName: 'another' } }
    expect((await ask(other, ABSENT, known([RECORD]), DENIED_AT + 60 * MINUTE)).kind).toBe('refuted')
  })

  it('is searched for by its session and by its call, and not given up while a search was cut', async () => {
    const searches: object[] = []
    const history = {
      byId: async () => ABSENT,
      search: async (_place: object, by: object) => {
        searches.push(by)
        return known({ records: [], complete: false })
      },
    }
    expect(await witnessDenial(TOLD, DENIED_AT, { history, explanations: null })).toEqual({ kind: 'waiting' })
    expect(searches).toEqual([{ userName: DENIAL.principal.sessionName }, { eventName: 'RegisterTaskDefinition' }])
    const late = await witnessDenial(TOLD, DENIED_AT + 60 * MINUTE, { history, explanations: null })
    expect(late).toMatchObject({ kind: 'refuted', why: expect.stringContaining('too many events') })
  })

  it('is refuted where nothing says which call it was, once there was time', async () => {
    const { principal } = TOLD
    const callless = {
      ...TOLD,
      call: { eventSource: null, eventName: null },
      principal: { ...principal, sessionName: null },
    }
    expect(await ask(callless, ABSENT, known([RECORD]), DENIED_AT + 60 * MINUTE)).toEqual({
      kind: 'refuted',
      why: 'CloudTrail does not confirm this denial: the text names neither a call nor a session',
    })
    expect(await ask(TOLD, ABSENT, unknown('refused'))).toEqual({ kind: 'unreadable', why: 'refused' })
  })
})

describe('a service that could not assume its role', () => {
  const FAILED = JSON.parse(
    readFileSync(new URL('../../../events/look-alikes/lambda-role-not-assumable.json', import.meta.url), 'utf8'),
  ) as Json
  const role = 'arn:aws:iam::111122223333:role/orders-reader'
  const asked = denialOfAssumption({ action: 'sts:AssumeRole', service: 'lambda.amazonaws.com', sends: [] }, role, 0)
  const timeMs = Date.parse('2026-11-24T02:48:00Z')
  const call = { eventSource: 'lambda.amazonaws.com', eventName: 'CreateFunction20150331' }
  const need: Denial = { ...asked, timeMs, accountId: '111122223333', region: 'eu-west-1', call }

  it('is confirmed by the record of the call that failed for it, and by the same record again', async () => {
    const first = await ask(need, ABSENT, known([FAILED]), timeMs)
    if (first.kind !== 'confirmed') throw new Error(first.kind)
    expect(first.denial).toMatchObject({
      source: 'cloudtrail',
      id: '1303d640-17c1-4faf-a174-1dd549f5d565',
      resource: role,
    })
    expect(await ask(first.denial, found(FAILED), known([]), timeMs)).toEqual(first)
  })

  it.each<[string, Json]>([
    ['gave another role', { requestParameters: { role: 'arn:aws:iam::111122223333:role/orders-admin' } }],
    ['failed for another reason', { errorMessage: 'The zip file is empty.' }],
    ['failed an hour before', { eventTime: '2026-11-24T01:47:31Z' }],
  ])('is refuted where the only such call %s', async (_, members) => {
    const later = timeMs + 60 * MINUTE
    expect((await ask(need, ABSENT, known([{ ...FAILED, ...members }]), later)).kind).toBe('refuted')
  })
})
