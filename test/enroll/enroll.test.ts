import { ECDH } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { ok } from '../../core/base/result.ts'
import { ENROLLMENT } from '../../functions/domain/authority/passkey.ts'
import { enrolledKey } from '../../functions/domain/authority/people/enrolling.ts'
import { credentialName } from '../../functions/domain/authority/spent.ts'
import { statementBytes } from '../../functions/domain/authority/statement.ts'
import { botConfigSchema } from '../../functions/domain/config/config.ts'
import { makeEnroll } from '../../functions/enroll/enroll.ts'
import { enrolledPasskey } from '../../functions/workflows/passkeys/enrolled.ts'
import { CONFIG, type EnrollWorld, enrollWorld, type RequestFacts, requestOf } from '../fakes/enroll-world.ts'
import { deviceOf, enrolled } from '../fakes/passkeys.ts'
import { HOUR, MINUTE, NOON } from '../fakes/sample-proposal.ts'
import { DEPLOYMENT, KEYS, signatureOf } from '../fakes/signing.ts'

const recordOf = ({ deps }: EnrollWorld, userId: string, device = deviceOf(userId)) =>
  enrolledPasskey(userId, device.credentialId, deps)

/** Ada and Ben have one, which two administrators confirmed. */
async function twoPeople(): Promise<EnrollWorld> {
  const world = enrollWorld()
  await world.enrolled('U0ADA')
  await world.enrolled('U0BEN')
  return world
}

describe('the first people', () => {
  it('need two administrators: one alone enrolls nobody', async () => {
    const world = enrollWorld()
    const code = requestOf('U0ADA')
    expect(await world.byAdmin('one', code)).toEqual({
      done: { userId: 'U0ADA', confirmedBy: ['administrator arn:one'], effectiveMs: null },
    })
    expect(await recordOf(world, 'U0ADA')).toBeNull()
    expect(await world.byAdmin('two', code)).toMatchObject({ done: { effectiveMs: NOON } })
    expect((await recordOf(world, 'U0ADA'))?.statement).toMatchObject({
      ...{ userId: 'U0ADA', isSynced: false, algorithm: 'ES256', atMs: NOON },
      confirmedBy: ['administrator arn:one', 'administrator arn:two'],
    })
  })

  it('are not enrolled by one administrator who asks twice', async () => {
    const world = enrollWorld()
    const code = requestOf('U0ADA')
    await world.byAdmin('one', code)
    world.clock.nowMs += MINUTE
    expect(await world.byAdmin('one', code)).toMatchObject({ done: { effectiveMs: null } })
    expect(await recordOf(world, 'U0ADA')).toBeNull()
  })

  it('are not enrolled by one administrator whom the configuration names otherwise in between', async () => {
    const { deps } = enrollWorld()
    for (const principal of ['AIDAADA', 'person U0ADA']) {
      const administrators = async () => ok({ name: 'arn:ada', principal })
      const enroll = makeEnroll({ ...deps, administrators })
      const ask = { ask: 'enroll', request: requestOf('U0ADA'), caller: { headers: {} } } as const
      expect(await enroll.asked(ask)).toMatchObject({ done: { effectiveMs: null } })
    }
  })

  it('are not enrolled by one person through two permission sets, of whom the configuration learned in between', async () => {
    const people = [{ slack: 'U0EVE', session: 'eve@example.com' }]
    const { deps } = enrollWorld({ ...CONFIG, people })
    const sessionOf = (set: string) =>
      `arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_${set}_0123456789abcdef/eve@example.com`
    for (const [set, principal] of [
      ['Admin', 'sso eve@example.com'],
      ['Ops', 'person U0EVE'],
    ] as const) {
      const enroll = makeEnroll({ ...deps, administrators: async () => ok({ name: sessionOf(set), principal }) })
      const ask = { ask: 'enroll', request: requestOf('U0ADA'), caller: { headers: {} } } as const
      expect(await enroll.asked(ask)).toMatchObject({ done: { effectiveMs: null } })
    }
  })

  it('are not enrolled by two administrators who confirm different keys under one credential', async () => {
    const world = enrollWorld()
    const other = { ...deviceOf('U0EVE'), credentialId: deviceOf('U0ADA').credentialId }
    await world.byAdmin('one', requestOf('U0ADA'))
    expect(await world.byAdmin('two', requestOf('U0ADA', NOON, { device: other }))).toMatchObject({
      done: { effectiveMs: null },
    })
    expect(await recordOf(world, 'U0ADA')).toBeNull()
  })
})

describe('a passkey', () => {
  it('counts a day after one administrator confirmed it, and at once when another one does', async () => {
    const world = await twoPeople()
    const code = requestOf('U0CAT')
    expect(await world.byAdmin('one', code)).toMatchObject({ done: { effectiveMs: NOON + 24 * HOUR } })
    expect((await recordOf(world, 'U0CAT'))?.statement.confirmedBy).toHaveLength(1)
    world.clock.nowMs += HOUR
    expect(await world.byAdmin('two', code)).toMatchObject({ done: { effectiveMs: NOON + HOUR } })
    expect((await recordOf(world, 'U0CAT'))?.statement.confirmedBy).toHaveLength(2)
  })

  it('counts a day after two other approvers confirmed it, and not by one of them', async () => {
    const world = await twoPeople()
    const code = requestOf('U0CAT')
    expect(await world.byPerson('U0ADA', code)).toMatchObject({ ok: true, value: { effectiveMs: null } })
    expect(await recordOf(world, 'U0CAT')).toBeNull()
    expect(await world.byPerson('U0BEN', code)).toMatchObject({ ok: true, value: { effectiveMs: NOON + 24 * HOUR } })
    expect((await recordOf(world, 'U0CAT'))?.statement.confirmedBy).toEqual(expect.arrayContaining(['U0ADA', 'U0BEN']))
  })

  it('needs two people to confirm it, not one passkey of two accounts', async () => {
    const world = await twoPeople()
    const shared = { ...deviceOf('U0ADA'), credentialId: 'c2hhcmVk' }
    const other = requestOf('U0CAT', NOON, { device: shared })
    await world.byAdmin('one', other)
    await world.byAdmin('two', other)
    const code = requestOf('U0DAN')
    await world.byPerson('U0ADA', code)
    expect(await world.byPerson('U0CAT', code, {}, shared)).toMatchObject({ value: { effectiveMs: null } })
  })

  it('is confirmed by approvers of everything that its person approves', async () => {
    const sandbox = { approvers: { users: ['U0DEV1', 'U0DEV2', 'U0DEV3'] } }
    const config = botConfigSchema.parse({
      ...{ mode: 'approve', channel: 'C0DEPLOYS', approvers: { users: ['U0ADA', 'U0BEN'] } },
      ...{ accounts: { '444455556666': sandbox }, approval: { passkey: 'elevated' } },
      breakGlass: { group: 'S0ONCALL', announceChannel: 'C0SECURITY' },
    })
    const world = enrollWorld(config)
    for (const id of ['U0ADA', 'U0BEN', 'U0DEV1', 'U0DEV2']) await world.enrolled(id)
    const REFUSED = { ok: false, error: expect.stringContaining('approves where you do not') }
    const second = { device: deviceOf('second') }
    expect(await world.byPerson('U0DEV1', requestOf('U0ADA', NOON, second))).toEqual(REFUSED)
    // Of nobody’s list today, and of the group that breaks the glass.
    expect(await world.byPerson('U0DEV1', requestOf('U0EVE'))).toEqual(REFUSED)
    expect(await world.byPerson('U0DEV1', requestOf('U0CAT'))).toEqual(REFUSED)
    expect(await world.byPerson('U0DEV1', requestOf('U0DEV3'))).toMatchObject({ ok: true })
    expect(await world.byPerson('U0ADA', requestOf('U0DEV3'))).toMatchObject({ ok: true })
    world.chat.groups.set('S0ONCALL', { known: false, why: 'down' })
    expect(await world.byPerson('U0DEV1', requestOf('U0DEV3'))).toEqual(REFUSED)
  })

  it('is not confirmed by a passkey that was removed since', async () => {
    const world = await twoPeople()
    await world.enrolled('U0CAT')
    const code = requestOf('U0DAN')
    await world.byPerson('U0ADA', code)
    await world.remove('U0ADA', credentialName(deviceOf('U0ADA')))
    expect(await world.byPerson('U0BEN', code)).toMatchObject({ value: { confirmedBy: ['U0BEN'], effectiveMs: null } })
    expect(await world.byPerson('U0CAT', code)).toMatchObject({ value: { effectiveMs: NOON + 24 * HOUR } })
  })

  it('counts after a day when an approver and an administrator confirmed it, as both may be one person', async () => {
    const world = await twoPeople()
    const code = requestOf('U0CAT')
    await world.byPerson('U0ADA', code)
    expect(await world.byAdmin('one', code)).toMatchObject({
      done: { confirmedBy: ['administrator arn:one'], effectiveMs: NOON + 24 * HOUR },
    })
    expect((await recordOf(world, 'U0CAT'))?.statement.confirmedBy).toHaveLength(1)
    await world.byAdmin('two', code)
    expect((await recordOf(world, 'U0CAT'))?.statement.confirmedBy).toEqual([
      'administrator arn:one',
      'administrator arn:two',
    ])
  })

  it('of somebody who lost a device is replaced by two others', async () => {
    const world = await twoPeople()
    await world.enrolled('U0CAT')
    await world.remove('U0ADA', credentialName(deviceOf('U0ADA')))
    const second = deviceOf('second of U0ADA')
    const code = requestOf('U0ADA', NOON, { device: second })
    await world.byPerson('U0BEN', code)
    await world.byPerson('U0CAT', code)
    expect(await recordOf(world, 'U0ADA', second)).not.toBeNull()
    expect(await recordOf(world, 'U0ADA')).toBeNull()
  })

  it('is distinguished when it may be copied to other devices', async () => {
    const world = await twoPeople()
    const code = requestOf('U0CAT', NOON, { made: { flags: 0b1101 } })
    await world.byAdmin('one', code)
    expect((await recordOf(world, 'U0CAT'))?.statement.isSynced).toBe(true)
  })

  it('is announced with whose it is, who confirmed it and when it counts, and its removal too', async () => {
    const world = await twoPeople()
    await world.byAdmin('one', requestOf('U0CAT'))
    await world.remove('U0CAT', credentialName(deviceOf('U0CAT')))
    const texts = world.chat.posts.map(({ channel, text }) => `${channel} ${text}`)
    expect(texts).toHaveLength(6)
    for (const word of ['C0DEPLOYS', 'enrolled', 'U0CAT', 'administrator arn:one', String(NOON + 24 * HOUR)])
      expect(texts[4]).toContain(word)
    expect(texts[5]).toContain('removed')
  })

  it('is announced with its first confirmation already, when it does not count', async () => {
    const world = enrollWorld()
    await world.byAdmin('one', requestOf('U0CAT'))
    expect(world.chat.posts.map(({ text }) => text)).toEqual([
      expect.stringContaining('It does not count before another person confirms it'),
    ])
  })

  it('stands also when Slack does not take the announcement', async () => {
    const world = enrollWorld()
    world.chat.down = new Error('down')
    await world.enrolled('U0ADA')
    expect(await recordOf(world, 'U0ADA')).not.toBeNull()
    expect(world.counted).toContain('FailedRequests')
  })
})

describe('a removed passkey', () => {
  it('is nobody’s any more, and is not enrolled again', async () => {
    const world = await twoPeople()
    const name = credentialName(deviceOf('U0ADA'))
    expect(await world.remove('U0ADA', name)).toMatchObject({ done: { userId: 'U0ADA', by: 'administrator arn:root' } })
    expect([...world.ledger.stored.keys()]).toContain(`revoked/${DEPLOYMENT}/${name}`)
    expect(await recordOf(world, 'U0ADA')).toBeNull()
    expect(await world.byAdmin('one', requestOf('U0ADA'))).toEqual({
      refused: 'this passkey was removed: make another one',
    })
  })

  it('is not enrolled again under another id, which its client chooses', async () => {
    const world = await twoPeople()
    await world.remove('U0ADA', credentialName(deviceOf('U0ADA')))
    const renamed = { ...deviceOf('U0ADA'), credentialId: 'YW5vdGhlcg' }
    expect(await world.byAdmin('one', requestOf('U0ADA', NOON, { device: renamed }))).toMatchObject({
      refused: 'this passkey was removed: make another one',
    })
  })

  it('is removed under every id', async () => {
    const world = await twoPeople()
    const renamed = { ...deviceOf('U0ADA'), credentialId: 'YW5vdGhlcg' }
    await world.byAdmin('one', requestOf('U0ADA', NOON, { device: renamed }))
    expect(await recordOf(world, 'U0ADA', renamed)).not.toBeNull()
    await world.remove('U0ADA', credentialName(deviceOf('U0ADA')))
    expect(await recordOf(world, 'U0ADA', renamed)).toBeNull()
  })

  it('confirms nobody', async () => {
    const world = await twoPeople()
    await world.remove('U0ADA', credentialName(deviceOf('U0ADA')))
    expect(await world.byPerson('U0ADA', requestOf('U0CAT'))).toEqual({
      ok: false,
      error: 'this passkey is not enrolled',
    })
  })

  it('has to be one that is there', async () => {
    const world = await twoPeople()
    expect(await world.remove('U0BEN', credentialName(deviceOf('U0ADA')))).toMatchObject({
      refused: expect.stringContaining('U0BEN has no passkey'),
    })
  })
})

describe('where many have enrolled', () => {
  /** How often it is read, and how many reads there are at once. */
  async function crowd() {
    const world = enrollWorld()
    for (let number = 10; number < 40; number += 1) await world.enrolled(`U0N${number}`)
    const reads = { all: 0, now: 0, most: 0 }
    const { read } = world.ledger
    Object.assign(world.ledger, {
      read: async (...given: Parameters<typeof read>) => {
        reads.all += 1
        reads.now += 1
        reads.most = Math.max(reads.most, reads.now)
        await Promise.resolve()
        reads.now -= 1
        return read(...given)
      },
    })
    return { world, reads }
  }

  it('one more reads no more than two of them', async () => {
    const { world, reads } = await crowd()
    expect(await world.byAdmin('one', requestOf('U0CAT'))).toMatchObject({ done: { effectiveMs: NOON + 24 * HOUR } })
    expect(reads.all).toBeLessThan(8)
  })

  it('one more is no alarm and no long wait after the key of enroll was replaced', async () => {
    const { world, reads } = await crowd()
    const old = (await world.deps.keys.ring()).map(key =>
      key.use === 'enrollments' ? { ...key, retiredAtMs: NOON - 48 * HOUR } : key,
    )
    Object.assign(world.deps, { keys: { ring: async () => old } })
    expect(await world.byAdmin('one', requestOf('U0CAT'))).toMatchObject({ done: { effectiveMs: null } })
    expect(world.counted).toEqual([])
    expect(reads.most).toBeGreaterThan(1)
  })

  it('the list reads many at once, and not all', async () => {
    const { world, reads } = await crowd()
    const listed = await world.list()
    expect('done' in listed && 'passkeys' in listed.done && listed.done.passkeys).toHaveLength(30)
    expect(reads.most).toBeGreaterThan(4)
    expect(reads.most).toBeLessThan(20)
  })
})

describe('the list', () => {
  it('has every passkey once, and who of each group has one that counts', async () => {
    const world = await twoPeople()
    await world.byAdmin('one', requestOf('U0CAT'))
    await world.byAdmin('two', requestOf('U0CAT'))
    await world.remove('U0BEN', credentialName(deviceOf('U0BEN')))
    const listed = await world.list()
    expect('done' in listed && 'passkeys' in listed.done && listed.done).toMatchObject({
      passkeys: expect.arrayContaining([
        expect.objectContaining({ userId: 'U0CAT', confirmedBy: ['administrator arn:one', 'administrator arn:two'] }),
        expect.objectContaining({ userId: 'U0BEN', isRemoved: true }),
      ]),
      groups: [{ group: 'S0ONCALL', enrolled: ['U0ADA', 'U0CAT'] }],
    })
    expect('done' in listed && 'passkeys' in listed.done && listed.done.passkeys).toHaveLength(3)
  })
})

describe('nothing is enrolled', () => {
  const CAT = deviceOf('U0CAT')
  const REQUESTS: { readonly [what: string]: readonly [string, RequestFacts?] } = {
    'for another deployment': ['U0CAT', { deploymentId: 'aaaaaaaa' }],
    'for another host': ['U0CAT', { rpId: 'example.com' }],
    'of a page of another host': ['U0CAT', { made: { origin: 'https://example.com' } }],
    'of a parent of the host': ['U0CAT', { made: { rpId: 'amazonaws.com' } }],
    'of more than a day before': ['U0CAT', { atMs: NOON - 24 * HOUR - 1 }],
    'of tomorrow': ['U0CAT', { atMs: NOON + HOUR }],
    'without the person verified': ['U0CAT', { made: { flags: 0b001 } }],
    'that another key signed': ['U0CAT', { device: { ...CAT, key: deviceOf('U0EVE').key } }],
    'with the key of somebody else': ['U0CAT', { publicKey: deviceOf('U0EVE').publicKey }],
    'of another algorithm than its key': ['U0CAT', { algorithm: 'RS256' }],
    'with a key in another spelling': ['U0CAT', { publicKey: `${CAT.publicKey}AA` }],
    'with an id in another spelling': ['U0CAT', { device: { ...CAT, credentialId: 'YR' } }],
    'with what is no key': ['U0CAT', { publicKey: 'AAAA' }],
    'with a signature cut short': ['U0CAT', { assertion: { signature: 'AAAA' } }],
    'for what is no user': ['../U0CAT'],
    'for a name in lower case': ['u0cat'],
  }
  it.each(Object.entries(REQUESTS))('%s', async (_, [userId, facts = {}]) => {
    const world = await twoPeople()
    const before = world.ledger.stored.size
    expect(await world.byAdmin('one', requestOf(userId, NOON, facts))).toHaveProperty('refused')
    expect(await world.byPerson('U0ADA', requestOf(userId, NOON, facts))).toMatchObject({ ok: false })
    expect(world.ledger.stored.size).toBe(before)
  })

  it('with a key of a curve in another form than the one', async () => {
    const der = Buffer.from(CAT.publicKey, 'base64url')
    for (const form of ['compressed', 'hybrid'] as const) {
      const point = Buffer.from(ECDH.convertKey(der.subarray(-65), 'prime256v1', undefined, undefined, form))
      const body = Buffer.concat([der.subarray(2, 23), Buffer.from([3, point.length + 1, 0]), point])
      const publicKey = Buffer.concat([Buffer.from([0x30, body.length]), body]).toString('base64url')
      const world = await twoPeople()
      expect(await world.byAdmin('one', requestOf('U0CAT', NOON, { device: { ...CAT, publicKey } }))).toEqual({
        refused: 'its key is none that is taken',
      })
    }
  })

  it('with a key that anybody can sign for', async () => {
    const world = await twoPeople()
    const points = [
      '00'.repeat(32),
      `01${'00'.repeat(31)}`,
      `ec${'ff'.repeat(30)}7f`,
      `${'00'.repeat(31)}80`,
      'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
    ]
    for (const point of points) {
      const publicKey = Buffer.from(`302a300506032b6570032100${point}`, 'hex').toString('base64url')
      const device = { ...deviceOf('U0CAT', 'EdDSA'), publicKey }
      expect(await world.byAdmin('one', requestOf('U0CAT', NOON, { device }))).toEqual({
        refused: 'its key is none that is taken',
      })
    }
    const { generateKeyPairSync } = await import('node:crypto')
    const jwk = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' })
    const { createPublicKey } = await import('node:crypto')
    const plain = createPublicKey({ key: { ...jwk, e: 'AQ' }, format: 'jwk' }).export({ format: 'der', type: 'spki' })
    const device = { ...deviceOf('U0CAT', 'RS256'), publicKey: plain.toString('base64url') }
    expect(await world.byAdmin('one', requestOf('U0CAT', NOON, { device }))).toEqual({
      refused: 'its key is none that is taken',
    })
  })

  it('of a curve or a length that is not taken', async () => {
    const { generateKeyPairSync } = await import('node:crypto')
    const curve = generateKeyPairSync('ec', { namedCurve: 'secp256k1' })
    const short = generateKeyPairSync('rsa', { modulusLength: 1024 })
    const world = await twoPeople()
    for (const [pair, algorithm] of [
      [curve, 'ES256'],
      [short, 'RS256'],
    ] as const) {
      const publicKey = pair.publicKey.export({ format: 'der', type: 'spki' }).toString('base64url')
      const device = { ...CAT, key: pair.privateKey, publicKey, algorithm }
      expect(await world.byAdmin('one', requestOf('U0CAT', NOON, { device }))).toEqual({
        refused: 'its key is none that is taken',
      })
    }
  })

  it('by whom AWS does not know', async () => {
    const world = enrollWorld()
    const asked = await world.enroll.asked({ ask: 'enroll', request: requestOf('U0ADA'), caller: { headers: {} } })
    expect(asked).toEqual({ refused: 'AWS does not take these credentials' })
    expect(world.ledger.stored.size).toBe(0)
  })

  it('by the person themself, by a visitor, by a key that is not enrolled, or that counts tomorrow', async () => {
    const world = await twoPeople()
    await world.enrolled('U0VISITOR')
    await world.byAdmin('one', requestOf('U0DAN'))
    const code = requestOf('U0CAT')
    expect(await world.byPerson('U0CAT', code)).toEqual({ ok: false, error: 'another person has to confirm it' })
    expect(await world.byPerson('U0VISITOR', code)).toEqual({ ok: false, error: 'only approvers confirm passkeys' })
    expect(await world.byPerson('U0EVE', code)).toEqual({ ok: false, error: 'this passkey is not enrolled' })
    expect(await world.byPerson('U0BEN', code, {}, deviceOf('U0ADA'))).toEqual({
      ok: false,
      error: 'this passkey is not enrolled',
    })
    expect(await world.byPerson('U0DAN', code)).toEqual({
      ok: false,
      error: 'this passkey does not count at every risk yet',
    })
    expect(await world.byPerson('U0ADA', code, { flags: 0b001 })).toEqual({
      ok: false,
      error: 'the passkey has not signed this request',
    })
    const other = JSON.parse(Buffer.from(requestOf('U0DAN'), 'base64url').toString())
    expect(await world.byPerson('U0ADA', code, { challenge: other.assertion.clientData })).toMatchObject({ ok: false })
    expect(await recordOf(world, 'U0CAT')).toBeNull()
  })

  it('of a device that never counts here: one that is synced where keys stay on their device, or of nobody whose approvals count', async () => {
    const passkeys = { ...CONFIG.passkeys, deviceBound: true, people: ['U0ADA', 'U0BEN'] }
    const world = enrollWorld({ ...CONFIG, passkeys })
    const synced = requestOf('U0ADA', NOON, { made: { flags: 0b1101 } })
    expect(await world.byAdmin('one', synced)).toEqual({
      refused:
        'this passkey may be copied to other devices, and passkeys.deviceBound takes only such as cannot: use a security key',
    })
    expect(await world.byAdmin('one', requestOf('U0CAT'))).toEqual({
      refused: 'passkeys.people does not name U0CAT: no approval with this passkey would count',
    })
    expect(world.ledger.stored.size).toBe(0)
    expect(await world.byAdmin('one', requestOf('U0ADA'))).toMatchObject({ done: { userId: 'U0ADA' } })
  })

  it('by what others put among its records', async () => {
    const world = enrollWorld()
    const device = deviceOf('U0EVE')
    const { statement } = enrolled(device, { deploymentId: DEPLOYMENT, userId: 'U0EVE', atMs: 0 })
    const key = enrolledKey(DEPLOYMENT, 'U0EVE', device.credentialId, '2')
    world.ledger.plant(
      key,
      JSON.stringify({ statement, signature: signatureOf('decisions', statementBytes(ENROLLMENT, statement)) }),
    )
    world.ledger.plant(key, 'no JSON')
    expect(await recordOf(world, 'U0EVE')).toBeNull()
    expect(world.counted).toContain('Forged')
  })

  it('by a key that was retired more than a day ago, and the next passkeys take two administrators again', async () => {
    const world = await twoPeople()
    const ring = async () =>
      (await KEYS.ring()).map(key => (key.use === 'enrollments' ? { ...key, retiredAtMs: NOON - 25 * HOUR } : key))
    expect(await enrolledPasskey('U0ADA', deviceOf('U0ADA').credentialId, { ...world.deps, keys: { ring } })).toBeNull()
    Object.assign(world.deps, { keys: { ring } })
    expect(await world.byAdmin('one', requestOf('U0CAT'))).toMatchObject({ done: { effectiveMs: null } })
  })

  it('of another person by a record that was moved', async () => {
    const world = enrollWorld(CONFIG)
    const device = await world.enrolled('U0ADA')
    const keyOf = (userId: string) => enrolledKey(DEPLOYMENT, userId, device.credentialId, '2')
    world.ledger.plant(keyOf('U0EVE'), world.ledger.textOf(keyOf('U0ADA')))
    expect(await enrolledPasskey('U0EVE', device.credentialId, world.deps)).toBeNull()
  })
})
