/** Forged, cut and mixed assertions and enrollments: none is accepted, and nothing that is read throws. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { callerIn } from '../../functions/adapters/aws/sts/signed-caller.ts'
import { challengeOf, isAsserted, type Passkey, passkeySchema } from '../../functions/domain/authority/passkey.ts'
import { readEnrollRequest, requestProblem, signCountOf } from '../../functions/domain/authority/people/enrolling.ts'
import { cpuMs } from '../cpu-time.ts'
import { requestOf } from '../fakes/enroll-world.ts'
import { assertionBy, deviceOf, enrolled, ORIGIN } from '../fakes/passkeys.ts'
import { NOON } from '../fakes/sample-proposal.ts'
import { DEPLOYMENT } from '../fakes/signing.ts'

const CHALLENGE = challengeOf({ a: 'decision' })
const DEVICES = (['ES256', 'RS256', 'EdDSA'] as const).map(algorithm => deviceOf('Ana', algorithm))
const HERE = { deploymentId: DEPLOYMENT, origin: ORIGIN, nowMs: NOON }

const passkeyOf = (device: (typeof DEVICES)[number]): Passkey => ({
  enrollment: enrolled(device, { deploymentId: DEPLOYMENT, userId: 'U0ANA', atMs: 0 }),
  ...assertionBy(device, CHALLENGE),
})
const device = fc.constantFrom(...DEVICES)
const part = fc.constantFrom('clientData' as const, 'authenticatorData' as const, 'signature' as const)

/** One byte more, less or other. */
function damaged(text: string, at: number, by: number): string {
  const bytes = Buffer.from(text, 'base64url')
  const place = at % (bytes.length + 1)
  if (by === 0 || place === bytes.length) return Buffer.concat([bytes, Buffer.from([by])]).toString('base64url')
  bytes[place] = ((bytes[place] ?? 0) + by) % 256
  return bytes.toString('base64url')
}

describe('an assertion', () => {
  it('is accepted as it was made, with each algorithm', () => {
    for (const one of DEVICES)
      expect(isAsserted(passkeyOf(one), passkeyOf(one).enrollment.statement, CHALLENGE, ORIGIN)).toBe(true)
  })

  it('is not accepted with one byte more or another one, in any part', () => {
    fc.assert(
      fc.property(device, part, fc.nat(400), fc.nat(255), (one, name, at, by) => {
        const good = passkeyOf(one)
        const bad = { ...good, [name]: damaged(good[name], at, by) }
        // ECDSA in DER: what OpenSSL reads as the same numbers is the same signature.
        if (bad[name] !== good[name]) expect(isAsserted(bad, bad.enrollment.statement, CHALLENGE, ORIGIN)).toBe(false)
      }),
    )
  })

  it('is not accepted cut short, or with the parts of another one', () => {
    fc.assert(
      fc.property(device, device, part, fc.nat(400), (one, other, name, length) => {
        const good = passkeyOf(one)
        const bytes = Buffer.from(good[name], 'base64url')
        const cut = bytes.subarray(0, length % bytes.length).toString('base64url')
        expect(isAsserted({ ...good, [name]: cut }, good.enrollment.statement, CHALLENGE, ORIGIN)).toBe(false)
        const mixed = { ...good, signature: assertionBy(other, challengeOf({ another: 'one' })).signature }
        expect(isAsserted(mixed, mixed.enrollment.statement, CHALLENGE, ORIGIN)).toBe(false)
        if (other !== one)
          expect(isAsserted(good, passkeyOf(other).enrollment.statement, CHALLENGE, ORIGIN)).toBe(false)
      }),
    )
  })

  it('of any bytes, JSON or key throws nothing, and is not accepted', () => {
    const anything = fc.oneof(
      fc.uint8Array({ maxLength: 400 }).map(bytes => Buffer.from(bytes).toString('base64url')),
      fc.json().map(text => Buffer.from(text).toString('base64url')),
      fc.string(),
    )
    fc.assert(
      fc.property(
        anything,
        anything,
        anything,
        anything,
        fc.string(),
        (clientData, authenticatorData, signature, publicKey, origin) => {
          const key = { publicKey, algorithm: 'ES256' as const }
          expect(isAsserted({ clientData, authenticatorData, signature }, key, CHALLENGE, origin)).toBe(false)
          expect(signCountOf({ clientData, authenticatorData, signature })).toBeGreaterThanOrEqual(0)
        },
      ),
    )
  })

  it('is read only within its bounds', () => {
    const good = passkeyOf(deviceOf('Ana'))
    expect(passkeySchema.safeParse(good).success).toBe(true)
    for (const name of ['clientData', 'authenticatorData', 'signature'] as const) {
      expect(passkeySchema.safeParse({ ...good, [name]: 'A'.repeat(4_001) }).success).toBe(false)
      expect(passkeySchema.safeParse({ ...good, [name]: 'with spaces' }).success).toBe(false)
    }
    expect(passkeySchema.safeParse({ ...good, more: true }).success).toBe(false)
  })
})

describe('a request to enroll', () => {
  it('of any text is refused, and throws nothing', () => {
    const text = fc.oneof(
      fc.string({ maxLength: 400 }),
      fc.json().map(json => Buffer.from(json).toString('base64url')),
      fc.uint8Array({ maxLength: 400 }).map(bytes => Buffer.from(bytes).toString('base64url')),
    )
    fc.assert(
      fc.property(text, code => {
        expect(readEnrollRequest(code).ok).toBe(false)
      }),
    )
  })

  it('is refused with any character changed', () => {
    const good = requestOf('U0ANA', NOON, { device: deviceOf('Ana') })
    const problemOf = (code: string) => {
      const read = readEnrollRequest(code)
      return read.ok ? requestProblem(read.value, HERE) : read.error
    }
    expect(problemOf(good)).toBeNull()
    fc.assert(
      fc.property(fc.nat(good.length * 2), fc.integer({ min: 1, max: 255 }), (at, by) => {
        const other = damaged(good, at, by)
        expect(problemOf(other)).not.toBeNull()
      }),
    )
  })

  it('is read in linear time', () => {
    const long = 'A'.repeat(11_999)
    const start = cpuMs()
    for (let times = 0; times < 50; times += 1) readEnrollRequest(long)
    expect(cpuMs() - start).toBeLessThan(2_000)
    expect(readEnrollRequest('A'.repeat(12_001))).toMatchObject({ ok: false })
  })
})

describe('what STS says of a caller', () => {
  it('of any text names nobody, and throws nothing', () => {
    fc.assert(
      fc.property(fc.string(), text => {
        expect(
          callerIn(text, { accountId: '111122223333', administrators: ['role/operators', 'user/ada'], people: [] }).ok,
        ).toBe(false)
      }),
    )
  })
})
