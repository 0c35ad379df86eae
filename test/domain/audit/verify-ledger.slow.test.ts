import { describe, expect, it } from 'vitest'
import { canonicalJson, digestOf } from '../../../core/base/canonical-json.ts'
import { linkRecord, storedForm } from '../../../functions/domain/audit/audit-chain.ts'
import { checkLedger, LedgerInLog } from '../../../functions/domain/audit/verify-ledger.ts'
import { checkLog } from '../../../functions/domain/audit/verify-log.ts'
import {
  credentialName,
  MARK,
  OUTCOME,
  SPENT,
  type Spent,
  type WriteOutcome,
} from '../../../functions/domain/authority/spent.ts'
import { clickOn } from '../../fakes/bridge-world.ts'
import { assertionBy, deviceOf, ELEVATED, enrolled, withPasskey } from '../../fakes/passkeys.ts'
import { NOON } from '../../fakes/sample-proposal.ts'
import { DEPLOYMENT, RING } from '../../fakes/signing.ts'
import { IDENTITY_CHANGE, proposalWith, TRUST_CHANGE } from '../../fakes/two-sided.ts'
import { worldWith } from '../../fakes/verify-world.ts'
import { type LeftByBot, leftIn, objectsIn, leftByBot as whole } from '../../verify/left-by-bot.ts'
import {
  decided,
  MINUTE,
  ONE_CHANGE,
  passRole,
  policy,
  revertOf,
  signDecision,
  signStatement,
  TWO_CHANGES,
  takeAwayAsk,
  DEPLOYMENT as WRITE_DEPLOYMENT,
  writeAsk,
} from '../../write/grant-asks.ts'
import { type WriteWorld, writeWorld } from '../../write/write-world.ts'

const LATER = NOON + 180 * MINUTE
const SPENT_P1 = `spent/${DEPLOYMENT}/p-1`
const FIRST = `outcomes/${DEPLOYMENT}/000000000001`
const SECOND = `outcomes/${DEPLOYMENT}/000000000002`

const check = ({ stored, objects }: LeftByBot, nowMs = LATER, keys = RING) =>
  checkLog({ stored, head: null, findings: [], keys, ledger: { objects, nowMs } })

/** A record that a test adds is not signed: that does not matter here. */
const named = (...given: Parameters<typeof check>) =>
  check(...given).findings.flatMap(({ kind, place }) => (kind === 'unsigned' ? [] : [`${kind} ${place}`]))
const detailOf = (kept: LeftByBot, kind: string) => check(kept).findings.find(one => one.kind === kind)?.detail

const without = (kept: LeftByBot, ...keys: readonly string[]): LeftByBot => ({
  ...kept,
  objects: kept.objects.filter(({ key }) => !keys.some(one => key.startsWith(one))),
})
const plus = (kept: LeftByBot, key: string, text: string): LeftByBot => ({
  ...kept,
  objects: [...kept.objects, { key, versions: 1, text }],
})
function changed(kept: LeftByBot, key: string, change: (text: string) => string): LeftByBot {
  const object = kept.objects.find(one => one.key === key)
  if (object === undefined) throw new Error(`no ${key}`)
  return plus(without(kept, key), key, change(object.text))
}
const textAt = ({ objects }: LeftByBot, key: string) => objects.find(one => one.key === key)?.text ?? ''
const spentIn = (kept: LeftByBot): Spent => JSON.parse(textAt(kept, SPENT_P1)).statement
const outcomeIn = (kept: LeftByBot, key: string): WriteOutcome => JSON.parse(textAt(kept, key)).statement

/** The same signature with n − s in the place of s: other bytes that are valid, too. */
function malleated(base64: string): string {
  const der = Buffer.from(base64, 'base64')
  const rLength = der[3] ?? 0
  const r = der.subarray(4, 4 + rLength)
  const s = BigInt(`0x${der.subarray(6 + rLength).toString('hex')}`)
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
  const hex = (order - s).toString(16)
  const even = hex.length % 2 === 0 ? hex : `0${hex}`
  const other = Buffer.from(Number.parseInt(even.slice(0, 2), 16) > 127 ? `00${even}` : even, 'hex')
  const body = Buffer.concat([Buffer.from([2, r.length]), r, Buffer.from([2, other.length]), other])
  return Buffer.concat([Buffer.from([0x30, body.length]), body]).toString('base64')
}
const withSignature = (text: string, change: (value: string) => string): string => {
  const { statement, signature } = JSON.parse(text)
  return canonicalJson({ statement, signature: { ...signature, value: change(signature.value) } })
}

async function rejected(): Promise<LeftByBot> {
  const world = await worldWith(proposalWith([TRUST_CHANGE, IDENTITY_CHANGE]))
  const { click, ...from } = clickOn(await world.get(), 'reject')
  const live = world.process()
  await live.decide({ ...from, click: { ...click, reason: 'not wanted' } })
  await world.deliver(live)
  return leftIn(world)
}

describe('the check of what write keeps', () => {
  it('finds nothing in what the honest functions leave, and counts it', async () => {
    const kept = await whole()
    expect(named(kept)).toEqual([])
    expect(check(kept).ledger).toEqual({
      checked: true,
      objects: kept.objects.length,
      spent: 1,
      outcomes: 2,
      pending: 0,
      passkeys: [],
      enrolled: { checked: true, enrollments: 0, removals: 0 },
    })
    expect(kept.objects.map(({ key }) => key.split('/')[0])).toEqual(
      expect.arrayContaining(['spent', 'written', 'ended', 'outcomes']),
    )
  })

  it('says by whose device each write was signed, and finds an assertion that was swapped for another one', async () => {
    const device = deviceOf('Ana')
    const facts = { deploymentId: WRITE_DEPLOYMENT, userId: 'U0ANA', atMs: 0 }
    const risk = 'elevated' as const
    const signed = withPasskey(decided({ risk }), device, enrolled(device, facts))
    const world = writeWorld(ONE_CHANGE)
    world.own.passkeys = ELEVATED
    await world.write(writeAsk({ decisions: [signed], attestation: { risk } }))
    const kept = { stored: [], objects: await objectsIn(world) }
    const ledger = (given: LeftByBot) =>
      checkLog({ ...given, head: null, findings: [], keys: RING, ledger: { objects: given.objects, nowMs: LATER } })
    expect(ledger(kept).ledger).toMatchObject({
      passkeys: [{ proposalId: 'p-1', userId: 'U0ANA', credential: credentialName(device) }],
    })
    // Signed again by an attacker who holds every key of the bot.
    const key = `spent/${WRITE_DEPLOYMENT}/p-1`
    const swapped = changed(kept, key, text => {
      const { statement } = JSON.parse(text) as { readonly statement: Spent }
      const other = { ...signed, passkey: signed.passkey && { ...signed.passkey, ...assertionBy(device, 'another') } }
      const grant = writeAsk({ decisions: [other], attestation: { risk } }).grant
      return canonicalJson(signStatement(SPENT, { ...statement, grant }))
    })
    const found = ledger(swapped)
    expect(found.findings).toContainEqual(
      expect.objectContaining({
        kind: 'unauthorized',
        place: key,
        detail: expect.stringContaining('no passkey of U0ANA signed this'),
      }),
    )
    expect(found.ledger).toMatchObject({ passkeys: [] })
  })

  it('names a spent/ whose signature is not over it', async () => {
    const kept = await whole()
    const flip = (value: string) => `${value.startsWith('MEU') ? 'MEQ' : 'MEU'}${value.slice(3)}`
    const flipped = changed(kept, SPENT_P1, text => withSignature(text, flip))
    expect(named(flipped)).toContain(`forged ${SPENT_P1}`)
    const edited = changed(kept, SPENT_P1, text => text.replace('"withdraws":[]', '"withdraws":["p-9"]'))
    expect(named(edited)).toContain(`forged ${SPENT_P1}`)
  })

  it('names a spent/ planted with another valid form of its signature: under another name, or over the first', async () => {
    const kept = await whole()
    const other = withSignature(textAt(kept, SPENT_P1), malleated)
    expect(other).not.toBe(textAt(kept, SPENT_P1))
    // Its signature is valid: it is the place that is wrong.
    expect(named(changed(kept, SPENT_P1, () => other))).toEqual([])
    const planted = plus(kept, `spent/${DEPLOYMENT}/p-2`, other)
    expect(named(planted)).toEqual([`forged spent/${DEPLOYMENT}/p-2`])
    expect(detailOf(planted, 'forged')).toBe('it was signed for another place')
    const twice = { ...kept, objects: kept.objects.map(one => (one.key === SPENT_P1 ? { ...one, versions: 2 } : one)) }
    expect(named(twice)).toEqual([`stored-again ${SPENT_P1}`])
  })

  it('reports an object under a name that rolemedic does not give, and calls the log intact', async () => {
    const { stored, objects } = await whole()
    const foreign = [
      'spent/x',
      `ended/${DEPLOYMENT}/p-1/readme.txt`,
      `spent/${DEPLOYMENT}/a/b`,
      `written/${'x'.repeat(2000)}`,
    ]
    for (const key of foreign) {
      const found = check(plus({ stored, objects }, key, '[['))
      expect(found.findings.filter(({ kind }) => kind !== 'unsigned')).toMatchObject([{ kind: 'foreign', place: key }])
    }
  })

  it.each(['', '[['.repeat(100_000), '{}', 'null', '{"statement":{},"signature":{}}', 'x'.repeat(1_600_000)])(
    'names under a name of rolemedic what nobody signed: %.20j',
    async text => {
      const kept = await whole()
      for (const key of ['spent', 'rejected'].map(folder => `${folder}/${DEPLOYMENT}/p-7`))
        expect(named(plus(kept, key, text))).toEqual([`forged ${key}`])
      expect(named(plus(kept, `ended/${DEPLOYMENT}/p-1/by-p-7`, text))).toEqual([
        `forged ended/${DEPLOYMENT}/p-1/by-p-7`,
      ])
    },
  )

  it('names what the storage does not give', async () => {
    const kept = await whole()
    const key = `spent/${DEPLOYMENT}/p-8`
    const unread = { ...kept, objects: [...kept.objects, { key, versions: 1, text: '', unread: 'AccessDenied' }] }
    expect(named(unread)).toEqual([`unreadable ${key}`])
  })

  it('names a spent/ without an outcome, and counts it as pending for an hour', async () => {
    const kept = await whole({ isReverted: false })
    const begun = { stored: [], objects: without(kept, 'outcomes/').objects }
    const { atMs } = spentIn(kept)
    expect(named(begun, atMs + 61 * MINUTE)).toEqual([`no-outcome ${SPENT_P1}`])
    expect(named(begun, atMs + 59 * MINUTE)).toEqual([])
    expect(check(begun, atMs + 59 * MINUTE).ledger).toMatchObject({ pending: 1 })
  })

  it('names an outcome, and marks, without a spent/', async () => {
    const kept = without(await whole(), SPENT_P1)
    const found = named(kept)
    expect(found).toContain(`no-spent ${FIRST}`)
    expect(found).toContain(`no-spent written/${DEPLOYMENT}/p-1/0`)
    expect(found).toContain(`no-spent ${SECOND}`)
  })

  it('names an outcome that no record carries, once it is an hour old', async () => {
    const kept = await whole({ isReverted: false })
    const unlogged = { ...kept, stored: [] }
    const { atMs } = outcomeIn(kept, FIRST)
    expect(named(unlogged, atMs + 61 * MINUTE)).toEqual([`not-in-log ${FIRST}`])
    expect(named(unlogged, atMs + 59 * MINUTE)).toEqual([])
    expect(check(unlogged, atMs + 59 * MINUTE).ledger).toMatchObject({ pending: 1 })
  })

  it('names an outcome that a record carries and that is gone, also the last one', async () => {
    const kept = await whole()
    expect(named(without(kept, SECOND))).toEqual([
      `no-outcome ${kept.objects.find(({ key }) => key.startsWith('ended/'))?.key}`,
      `removed ${SECOND}`,
    ])
    expect(named(without(kept, FIRST))).toContain(`removed ${FIRST}`)
    expect(detailOf(without(kept, SECOND), 'removed')).toMatch(
      /^record \d+ of the log carries this outcome, and it is gone$/,
    )
  })

  it('names an outcome that was signed again with another content', async () => {
    const kept = await whole()
    const other = signStatement(OUTCOME, { ...outcomeIn(kept, SECOND), why: 'all was well' })
    const found = named(changed(kept, SECOND, () => canonicalJson(other)))
    expect(found).toEqual([`changed ${SECOND}`])
  })

  it('names a record with an outcome that write did not sign, or that is of another proposal', async () => {
    const kept = await whole()
    const records = kept.stored.map(({ text }) => JSON.parse(text))
    const [carrier] = records.filter(({ entry }) => entry.outcome !== undefined)
    const add = (change: object) => {
      const record = linkRecord(records.at(-1), { ...carrier.entry, key: 'p-1/applied/9', ...change })
      const place = String(record.sequence)
      return {
        ...kept,
        stored: [...kept.stored, { place, sequence: record.sequence, text: storedForm(record), versions: 1 }],
      }
    }
    const { statement, signature } = carrier.entry.outcome
    const next = String(records.length + 1)
    expect(named(add({}))).toEqual([])
    expect(named(add({ outcome: { statement: { ...statement, result: 'undone' }, signature } }))).toEqual([
      `forged ${next}`,
    ])
    expect(named(add({ outcome: 5 as never }))).not.toEqual([])
    expect(named(add({ proposalId: 'p-2' }))).toEqual([`forged ${next}`])
  })

  it('names a write with two outcomes', async () => {
    const kept = await whole()
    const previous = outcomeIn(kept, SECOND)
    const third = { ...outcomeIn(kept, FIRST), number: 3, previous: digestOf(previous), atMs: LATER }
    const key = `outcomes/${DEPLOYMENT}/000000000003`
    expect(named(plus(kept, key, canonicalJson(signStatement(OUTCOME, third))))).toEqual([`duplicate ${SPENT_P1}`])
  })

  it.each([
    ['with the approval taken out of its time', { atMs: NOON + 25 * 60 * MINUTE }, 'more than 24 h ago'],
    ['under another configuration', { configDigest: `sha256:${'0'.repeat(64)}` }, 'another configuration'],
    ['with another document', { grant: 'other' }, 'not about this change'],
    ['for another proposal', { proposalId: 'p-5' }, 'about another proposal'],
  ] as const)('names a write that the checks refuse at its own time: %s', async (_, facts, why) => {
    const kept = await whole()
    const spent = spentIn(kept)
    const [first, ...more] = spent.grant.changes
    const grant = { ...spent.grant, changes: [...more, ...(first === undefined ? [] : [first])] }
    const planted: Spent = { ...spent, ...facts, grant: 'grant' in facts ? grant : spent.grant } as Spent
    const key = `spent/${DEPLOYMENT}/${planted.proposalId}`
    const found = plus(without(kept, key), key, canonicalJson(signStatement(SPENT, planted)))
    expect(named(found)).toContain(`unauthorized ${key}`)
    expect(detailOf(found, 'unauthorized')).toContain(why)
  })

  it('names a write of what a person had rejected before', async () => {
    const kept = await whole()
    const spent = spentIn(kept)
    const [approval] = spent.grant.decisions
    if (approval === undefined) throw new Error('it was approved')
    const reject = (atMs: number) =>
      plus(
        kept,
        `rejected/${DEPLOYMENT}/p-1`,
        canonicalJson(signDecision({ ...approval.decision, kind: 'reject', atMs, reason: 'no' })),
      )
    expect(detailOf(reject(spent.atMs - 10 * MINUTE), 'unauthorized')).toContain('it had been rejected')
    expect(named(reject(spent.atMs + MINUTE))).toEqual([])
  })

  it('names a rejection in the log that nothing keeps for write', async () => {
    const kept = await rejected()
    const key = `rejected/${DEPLOYMENT}/p-1`
    expect(kept.objects.map(one => one.key)).toEqual([key])
    expect(named(kept)).toEqual([])
    const gone = without(kept, key)
    expect(named(gone)).toEqual([`removed ${key}`])
    expect(detailOf(gone, 'removed')).toMatch(/^record \d+ of the log carries this rejection/)
    // The objects may have been listed just before the press.
    expect(named(gone, NOON + MINUTE)).toEqual([])
  })

  it('holds a write against the keys of its own time', async () => {
    const kept = await whole()
    const { atMs } = spentIn(kept)
    const retired = (at: number) => RING.map(key => (key.use === 'decisions' ? { ...key, retiredAtMs: at } : key))
    expect(named(kept, LATER, retired(atMs + 1))).toEqual([])
    expect(named(kept, LATER, retired(atMs - 25 * 60 * MINUTE))).toContain(`unauthorized ${SPENT_P1}`)
  })

  it('names each mark that was made before an outcome and is gone, but of an outcome that may be newer than the list', async () => {
    const kept = await whole()
    const [own, back] = ['outcome-1', 'back'].map(name => `written/${DEPLOYMENT}/p-1/${name}`)
    const ended = `ended/${DEPLOYMENT}/p-1`
    expect(named(without(kept, 'written/'))).toEqual([`removed ${own}`, `removed ${back}`])
    expect(named(without(kept, `${own}`))).toEqual([`removed ${own}`])
    expect(named(without(kept, `${back}`))).toEqual([`removed ${back}`])
    expect(named(without(kept, 'ended/'))).toEqual([`removed ${ended}`])
    expect(detailOf(without(kept, 'ended/'), 'removed')).toBe(
      'outcome 2 was signed after this mark was made, and it is gone',
    )
    const { atMs } = outcomeIn(kept, SECOND)
    expect(named(without(kept, 'ended/'), atMs + MINUTE - 1)).toEqual([])
    expect(named(without(kept, 'ended/'), atMs + MINUTE)).toEqual([`removed ${ended}`])
  })

  it('names a mark without its outcome', async () => {
    const kept = await whole({ isReverted: false })
    const key = `ended/${DEPLOYMENT}/p-1/by-p-3`
    const mark = signStatement(MARK, {
      schema: 'rolemedic.mark/1',
      deploymentId: DEPLOYMENT,
      proposalId: 'p-1',
      key,
      atMs: NOON,
    })
    expect(named(plus(kept, key, canonicalJson(mark)))).toEqual([`no-outcome ${key}`])
  })

  it('says that it was not checked: without keys, with keys of an earlier version, and where it could not be read', async () => {
    const { stored, objects } = await whole()
    const ledger = { objects, nowMs: LATER }
    const log = { stored, head: null, findings: [] }
    expect(checkLog({ ...log, keys: null, ledger }).ledger).toEqual({
      checked: false,
      why: 'it needs the public keys',
    })
    const earlier = RING.filter(({ use }) => use !== 'outcomes')
    expect(checkLog({ ...log, keys: earlier, ledger }).ledger).toEqual({
      checked: false,
      why: 'the public keys contain none of write: export them again',
    })
    expect(checkLog({ ...log, keys: RING, ledger: { unread: 'AccessDenied' } }).ledger).toEqual({
      checked: false,
      why: 'AccessDenied',
    })
  })
})

describe('the chain of outcomes', () => {
  it('names the first outcome that is gone, without a log', async () => {
    const { objects } = await whole()
    const left = without({ stored: [], objects }, FIRST)
    expect(named(left, NOON + 10 * MINUTE)).toEqual([`removed ${FIRST}`])
    expect(detailOf(left, 'removed')).toBe('outcome 2 is there, and this one before it is gone')
  })

  it('names an outcome that was chained to another one', async () => {
    const left = await whole()
    const other = signStatement(OUTCOME, { ...outcomeIn(left, SECOND), previous: digestOf('another') })
    const changedOne = changed({ ...left, stored: [] }, SECOND, () => canonicalJson(other))
    expect(named(changedOne, NOON + 10 * MINUTE)).toEqual([`changed ${SECOND}`])
  })

  it('takes the outcome of a taking away for the end of a write that was never answered', async () => {
    expect(named(without(await whole(), FIRST))).not.toContain(`no-outcome ${SPENT_P1}`)
  })
})

describe('what write stores in special cases', () => {
  const stored = (world: WriteWorld): LeftByBot => ({ stored: [], objects: objectsIn(world) })
  const placeOf = (key: string) => key.replaceAll(WRITE_DEPLOYMENT, 'd')
  const unless = (kind: string, found: readonly string[]) => found.filter(one => !one.startsWith(kind)).map(placeOf)

  it('is allowed where the attestation ran out of its time while targets were read', async () => {
    const world = writeWorld()
    const nowMs = world.clock.nowMs
    const atMs = nowMs - 10 * MINUTE + 2000
    const facts = { changes: TWO_CHANGES, decisions: [{ atMs }], attestation: { atMs } }
    expect(await world.write(writeAsk(facts))).toMatchObject({ result: 'written' })
    const key = `spent/${WRITE_DEPLOYMENT}/p-1`
    const { statement } = JSON.parse(world.ledger.textOf(key))
    expect(statement.atMs).toBeGreaterThan(atMs + 10 * MINUTE)
    expect(named(stored(world), nowMs + 9 * MINUTE)).toEqual([])
    const late = signStatement(SPENT, { ...statement, atMs: atMs + 16 * MINUTE })
    const planted = changed(stored(world), key, () => canonicalJson(late))
    expect(named(planted, nowMs + 9 * MINUTE)).toEqual([`unauthorized ${key}`])
  })

  it('says of a withdrawn grant who ended it, and needs no record of a second taking away', async () => {
    const world = writeWorld(ONE_CHANGE)
    const [first] = ONE_CHANGE
    if (first === undefined) throw new Error('there is a change')
    const second = [{ ...first, before: first.after, after: policy(passRole('99887766', 'other-task')) }]
    await world.write(writeAsk())
    const taking = await world.write(writeAsk({ changes: second, decisions: [{ proposalId: 'p-2' }] }, ['p-1']))
    expect(taking).toMatchObject({ result: 'written', ended: ['p-1'] })
    expect(await world.write(takeAwayAsk({ reason: revertOf(ONE_CHANGE) }))).toMatchObject({ code: 'ended' })
    const unended = without(stored(world), `ended/${WRITE_DEPLOYMENT}/p-1/`)
    expect(unless('not-in-log', named(unended, world.clock.nowMs + 180 * MINUTE))).toEqual([
      'removed ended/d/p-1/by-p-2',
      'removed ended/d/p-1',
    ])
    expect(named(stored(world), world.clock.nowMs + 180 * MINUTE).map(placeOf)).toEqual([
      'not-in-log outcomes/d/000000000001',
      'not-in-log outcomes/d/000000000002',
    ])
    const key = `spent/${WRITE_DEPLOYMENT}/p-2`
    const { statement } = JSON.parse(world.ledger.textOf(key))
    const other = canonicalJson(signStatement(SPENT, { ...statement, withdraws: [] }))
    expect(
      unless(
        'not-in-log',
        named(
          changed(stored(world), key, () => other),
          world.clock.nowMs + 180 * MINUTE,
        ),
      ),
    ).toEqual(['no-outcome ended/d/p-1/by-p-2'])
  })

  it('needs no spent/ for taking away what an earlier version wrote, if the log has that write', async () => {
    const left = await whole()
    const id = { deploymentId: DEPLOYMENT, proposalId: 'p-9', atMs: NOON }
    const previous = digestOf(outcomeIn(left, SECOND))
    const outcome: WriteOutcome = { ...outcomeIn(left, SECOND), ...id, number: 3, previous }
    const marks = [`written/${DEPLOYMENT}/p-9/back`, `ended/${DEPLOYMENT}/p-9/${'0'.repeat(64)}`]
    const marked = marks.reduce(
      (kept, key) => plus(kept, key, canonicalJson(signStatement(MARK, { schema: 'rolemedic.mark/1', ...id, key }))),
      left,
    )
    const third = `outcomes/${DEPLOYMENT}/000000000003`
    const taken = plus(marked, third, canonicalJson(signStatement(OUTCOME, outcome)))
    expect(named(taken)).toEqual([`no-spent ${third}`, `not-in-log ${third}`])
    const last = JSON.parse(left.stored.at(-1)?.text ?? '')
    const { outcome: _, decision: _decision, ...entry } = last.entry
    const record = linkRecord(last, { ...entry, kind: 'applied', proposalId: 'p-9', key: 'p-9/applied/0' })
    const { sequence } = record
    const earlier = { place: 'earlier', sequence, text: storedForm(record), versions: 1 }
    expect(named({ ...taken, stored: [...taken.stored, earlier] })).toEqual([`not-in-log ${third}`])
  })
})

describe('many findings', () => {
  it('in the log are each counted beside those of what write keeps', () => {
    const log = new LedgerInLog(RING)
    for (let sequence = 0; sequence < 300_000; sequence += 1)
      log.findings.push({ kind: 'forged', place: 'audit/1.json', sequence, detail: 'none' })
    const { findings } = checkLedger({ objects: [], nowMs: LATER }, log, RING)
    expect(findings).toHaveLength(300_000)
  })
})
