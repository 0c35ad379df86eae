import { describe, expect, it } from 'vitest'
import { canonicalJson } from '../../../core/base/canonical-json.ts'
import type { LedgerObject } from '../../../functions/domain/audit/ledger/ledger-object.ts'
import { checkLog } from '../../../functions/domain/audit/verify-log.ts'
import type { Enrollment } from '../../../functions/domain/authority/passkey.ts'
import { enrolledKey, PASSKEY_CONFIRMATION, REVOCATION } from '../../../functions/domain/authority/people/enrolling.ts'
import { credentialName, SPENT as SPENT_KIND, type Spent } from '../../../functions/domain/authority/spent.ts'
import { enrollWorld, requestOf } from '../../fakes/enroll-world.ts'
import { deviceOf, ELEVATED, enrolled, withPasskey } from '../../fakes/passkeys.ts'
import { RING } from '../../fakes/signing.ts'
import { objectsIn } from '../../verify/left-by-bot.ts'
import { DEPLOYMENT, decided, HOUR, MINUTE, NOON, ONE_CHANGE, signStatement, writeAsk } from '../../write/grant-asks.ts'
import { writeWorld } from '../../write/write-world.ts'

const risk = 'elevated' as const
const device = deviceOf('Ana')
const enrollment = enrolled(device, { deploymentId: DEPLOYMENT, userId: 'U0ANA', atMs: 0 })
const { statement } = enrollment
const SPENT = `spent/${DEPLOYMENT}/p-1`
const REMOVAL = `revoked/${DEPLOYMENT}/${credentialName(device)}`
const placeOf = (part: string) => enrolledKey(DEPLOYMENT, statement.userId, statement.credentialId, part)
const at = (key: string, signed: object): LedgerObject => ({ key, versions: 1, text: canonicalJson(signed) })

const RECORD = at(placeOf('2'), enrollment)
const CONFIRMED = statement.confirmedBy.map((by, index) => {
  const key = placeOf(`by-${String(index).repeat(32)}`)
  const request = `sha256:${'1'.repeat(64)}`
  const facts = {
    schema: 'rolemedic.confirmation/1',
    deploymentId: DEPLOYMENT,
    key,
    request,
    by,
    publicKey: null,
    atMs: 0,
  } as const
  return at(key, signStatement(PASSKEY_CONFIRMATION, facts))
})
const removedAt = (atMs: number): LedgerObject => {
  const { userId, credentialId } = statement
  const facts = { deploymentId: DEPLOYMENT, key: REMOVAL, userId, credentialId, by: 'administrator arn:one', atMs }
  return at(REMOVAL, signStatement(REVOCATION, { schema: 'rolemedic.revocation/1', ...facts }))
}

/** What `write` keeps of one write that this passkey approved. */
async function written(): Promise<readonly LedgerObject[]> {
  const world = writeWorld(ONE_CHANGE)
  world.own.passkeys = ELEVATED
  const decisions = [withPasskey(decided({ risk }), device, enrollment)]
  expect(await world.write(writeAsk({ decisions, attestation: { risk } }))).toMatchObject({ result: 'written' })
  return objectsIn(world)
}

async function verified(kept: readonly LedgerObject[], keys = RING, passkeysUnread?: string, noRevoked?: true) {
  const objects = [...(await written()), ...kept]
  const unread = { ...(passkeysUnread === undefined ? {} : { passkeysUnread }), ...(noRevoked && { noRevoked }) }
  const ledger = { objects, nowMs: NOON + MINUTE, ...unread }
  const { findings, intact, ledger: check } = checkLog({ stored: [], head: null, findings: [], keys, ledger })
  const named = findings.map(({ kind, place, detail }) => [kind, place, detail])
  return { intact, findings: named, enrolled: check.checked ? check.enrolled : check }
}

describe('what enroll keeps, held against the passkeys of writes', () => {
  it('knows no number of removals in a copy without revoked/', async () => {
    const { intact, findings, enrolled } = await verified([RECORD, ...CONFIRMED], RING, undefined, true)
    expect({ intact, findings, enrolled }).toEqual({
      intact: true,
      findings: [],
      enrolled: { checked: true, enrollments: 1, removals: null },
    })
  })

  it('agrees where the passkey was enrolled, and removed after the write', async () => {
    const whole = [RECORD, ...CONFIRMED]
    const enrolledNow = { checked: true, enrollments: 1, removals: 0 }
    expect(await verified(whole)).toEqual({ intact: true, findings: [], enrolled: enrolledNow })
    const later = await verified([...whole, removedAt(NOON + HOUR)])
    expect(later).toEqual({ intact: true, findings: [], enrolled: { ...enrolledNow, removals: 1 } })
  })

  it('names a write with a passkey that had been removed before it', async () => {
    const { intact, findings } = await verified([RECORD, ...CONFIRMED, removedAt(NOON - HOUR)])
    expect(intact).toBe(false)
    expect(findings).toEqual([
      ['unauthorized', SPENT, `the passkey ${credentialName(device)} of U0ANA had been removed: 2026-03-02 11:00 UTC`],
    ])
    // Also where the enrollments are not there.
    expect((await verified([removedAt(NOON - HOUR)])).findings).toEqual(findings)
  })

  it('names a write whose enrollment enroll does not keep', async () => {
    const other = enrolled(deviceOf('Ben'), {
      deploymentId: DEPLOYMENT,
      userId: 'U0BEN',
      atMs: 0,
      confirmedBy: ['U0CAT'],
    })
    const { userId, credentialId } = other.statement
    const place = (part: string) => enrolledKey(DEPLOYMENT, userId, credentialId, part)
    const { findings } = await verified([at(place('1'), other)])
    expect(findings).toEqual([
      ['unauthorized', place('1'), 'nothing says that U0CAT confirmed it before'],
      ['unauthorized', SPENT, 'nothing in enrolled/ says that its passkey is of U0ANA'],
    ])
  })

  it('names a write with a passkey that one person confirmed less than a day before', async () => {
    const world = writeWorld(ONE_CHANGE)
    const young = enrolled(device, { deploymentId: DEPLOYMENT, userId: 'U0ANA', atMs: NOON - HOUR, confirmedBy: ['a'] })
    const decisions = [withPasskey(decided({ risk }), device, young)]
    await world.write(writeAsk({ decisions, attestation: { risk } }))
    // `write` would have refused it: signed again by an attacker who holds its key.
    const objects = objectsIn(world).map(one => {
      if (one.key !== SPENT) return one
      const { statement: spent } = JSON.parse(one.text) as { readonly statement: Spent }
      return at(SPENT, signStatement(SPENT_KIND, { ...spent, passkeys: ELEVATED }))
    })
    const check = checkLog({
      stored: [],
      head: null,
      findings: [],
      keys: RING,
      ledger: { objects, nowMs: NOON + MINUTE },
    })
    expect(check.findings).toMatchObject([
      { kind: 'unauthorized', place: SPENT, detail: expect.stringContaining('passkey of Ana does not count') },
    ])
  })

  it('names what enroll has not signed, what is stored twice, and an enrollment in another place', async () => {
    const moved: Enrollment = { ...statement, userId: 'U0EVE' }
    const odd = [
      { ...RECORD, versions: 2 },
      ...CONFIRMED,
      at(REMOVAL, {}),
      at(placeOf('1'), enrolled(device, moved)),
      at(`revoked/${DEPLOYMENT}/all`, {}),
    ]
    expect((await verified(odd)).findings.map(([kind, place]) => `${kind} ${place}`).sort()).toEqual([
      `foreign revoked/${DEPLOYMENT}/all`,
      `forged ${placeOf('1')}`,
      `forged ${REMOVAL}`,
      `stored-again ${placeOf('2')}`,
    ])
  })

  it('says why it could not look', async () => {
    const absent = { intact: true, findings: [], enrolled: { checked: false, why: 'there is no enrolled/ beside it' } }
    expect(await verified([])).toEqual(absent)
    const denied = await verified([], RING, 'AccessDenied: no')
    expect(denied.enrolled).toEqual({ checked: false, why: 'AccessDenied: no' })
  })

  it('agrees with what enroll itself leaves', async () => {
    const world = enrollWorld()
    await world.enrolled('U0ADA')
    await world.enrolled('U0BEN')
    const code = requestOf('U0CAT', world.clock.nowMs)
    await world.byAdmin('one', code)
    world.clock.nowMs += HOUR
    await world.byPerson('U0ADA', code)
    await world.byPerson('U0BEN', code)
    await world.remove('U0BEN', credentialName(deviceOf('U0BEN')))
    const ledger = { objects: objectsIn(world), nowMs: world.clock.nowMs }
    const check = checkLog({ stored: [], head: null, findings: [], keys: RING, ledger })
    expect(check.findings).toEqual([])
    expect(check.ledger).toMatchObject({ objects: 0, enrolled: { checked: true, enrollments: 3, removals: 1 } })
  })
})
