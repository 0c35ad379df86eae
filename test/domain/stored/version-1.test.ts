import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import type { Denial, PassedService } from '../../../core/denial/denial.ts'
import type { Diagnosis, PassedServiceFinding } from '../../../core/diagnosis/diagnosis.ts'
import {
  denialForVersion1,
  diagnosisForVersion1,
  upcastDenial,
  upcastDiagnosis,
} from '../../../functions/domain/stored/version-1.ts'
import { codec } from '../../../functions/domain/stored/versions.ts'
import { DENIAL } from '../../fixtures/denial.ts'
import { sent } from '../../fixtures/passed-service.ts'

const ECS = 'ecs-tasks.amazonaws.com'
const LAMBDA = 'lambda.amazonaws.com'

describe('a denial as version 1 reads it', () => {
  const candidates = (service: PassedService) => {
    const denial: Denial = {
      ...DENIAL,
      passes: [{ arn: 'arn:aws:iam::111122223333:role/app', parameter: 'x', service }],
    }
    return denialForVersion1(denial).passes[0]?.service
  }

  it.each<[string, PassedService, string]>([
    ['one value that is always sent', sent(ECS), 'proven'],
    ['one value that may be left out', { ...sent(ECS), mayBeAbsent: true }, 'unproven'],
    ['one value that AWS contradicts', { ...sent(ECS), disputed: [LAMBDA] as never }, 'unproven'],
    ['two values', sent([ECS, LAMBDA]), 'unproven'],
    ['no value', { ...sent(ECS), values: [] }, 'unproven'],
  ])('with %s', (_, service, keySent) => {
    expect(candidates(service)).toMatchObject({ keySent, candidates: service.values.map(one => one.service) })
  })
})

describe('a diagnosis as version 1 reads it', () => {
  const finding = (changed: Partial<PassedServiceFinding>): PassedServiceFinding => ({
    services: [ECS],
    evidence: 'published',
    mayBeAbsent: false,
    disputed: [],
    ...changed,
  })
  const written = (passedService: PassedServiceFinding | null) =>
    diagnosisForVersion1({ passedService } as Diagnosis).passedService

  it.each<[string, Partial<PassedServiceFinding>, string, boolean]>([
    ['one published service', {}, ECS, true],
    ['a service that the trust policy suggests', { evidence: 'trust' }, ECS, false],
    ['a service that may not be sent', { mayBeAbsent: true }, ECS, false],
    ['two services', { services: [LAMBDA, ECS] }, LAMBDA, false],
    ['no service', { services: [] }, '', false],
  ])('with %s', (_, changed, service, proven) => {
    expect(written(finding(changed))).toMatchObject({ service, proven })
  })

  it('without a service stays without one, in both directions', () => {
    expect(written(null)).toBeNull()
    expect(upcastDiagnosis({ passedService: null, summary: 'x' })).toEqual({ passedService: null, summary: 'x' })
  })

  it.each([
    [true, { services: [ECS], evidence: 'published', mayBeAbsent: false, disputed: [] }],
    [false, { services: [ECS], evidence: 'trust', mayBeAbsent: true, disputed: [] }],
  ])('that was proven: %s, is read as', (proven, passedService) => {
    expect(upcastDiagnosis({ passedService: { service: ECS, proven } })).toEqual({ passedService })
  })

  it('of another form is left to the schema', () => {
    expect(upcastDiagnosis({ passedService: 'x' })).toEqual({ passedService: 'x' })
    expect(upcastDenial('x')).toBe('x')
  })
})

describe('a stored form', () => {
  const numbers = codec(z.object({ a: z.object({ b: z.number() }) }), value => value, [
    stored => ({ a: { b: Number(stored) } }),
    stored => stored,
  ])

  it('is brought up from the version it was written in', () => {
    expect(numbers.read('7', 1)).toEqual({ ok: true, value: { a: { b: 7 } } })
    expect(numbers.read({ a: { b: 7 } }, 2)).toEqual({ ok: true, value: { a: { b: 7 } } })
    expect(numbers.read({ a: { b: 7 } }, 99)).toEqual({ ok: true, value: { a: { b: 7 } } })
  })

  it.each([0, -1, 1.5, Number.NaN])('of version %s is not read', version => {
    expect(numbers.read('7', version)).toMatchObject({ ok: false })
  })

  it('that does not parse says where', () => {
    expect(numbers.read({ a: { b: 'x' } }, 2)).toMatchObject({ ok: false, error: expect.stringMatching(/^a\.b: /) })
    expect(numbers.read('x', 2)).toMatchObject({ ok: false, error: expect.stringMatching(/^the whole: /) })
  })
})
