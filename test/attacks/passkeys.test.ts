/** What somebody can write at elevated and high risk who has everything but the devices of the approvers. */
import { describe, expect } from 'vitest'
import { approvalPage, approveWithPasskey } from '../../functions/decide/passkey-page.ts'
import type { WriteAsk } from '../../functions/domain/authority/checks/input.ts'
import { ENROLLMENT } from '../../functions/domain/authority/passkey.ts'
import { credentialName } from '../../functions/domain/authority/spent.ts'
import { decisionBytes, statementBytes } from '../../functions/domain/authority/statement.ts'
import { difference } from '../../functions/domain/card/index.ts'
import { botConfigSchema } from '../../functions/domain/config/config.ts'
import { approvalsOf } from '../../functions/domain/proposal/proposal.ts'
import { signCount, stepUp } from '../../functions/domain/stored/markers.ts'
import { SILENT_OBSERVER } from '../../functions/ports/silent-observer.ts'
import { consume } from '../../functions/write/write.ts'
import { ANNA, BEN, botWith, click, press } from '../decide/decide-fixture.ts'
import { enrollWorld, requestOf } from '../fakes/enroll-world.ts'
import { memoryBot } from '../fakes/memory-bot.ts'
import { memoryLedger } from '../fakes/memory-ledger.ts'
import { assertionBy, deviceOf, ELEVATED, enrolled, withPasskey } from '../fakes/passkeys.ts'
import { NOON as START, sampleProposal, VERIFICATION } from '../fakes/sample-proposal.ts'
import { signatureOf, signedBy } from '../fakes/signing.ts'
import {
  ANA,
  BEN as BEN_SIGNS,
  DEPLOYMENT,
  decided,
  type GrantFacts,
  HOUR,
  MINUTE,
  NOON,
  ONE_CHANGE,
  writeAsk,
} from '../write/grant-asks.ts'
import { writeWorld } from '../write/write-world.ts'
import { attack } from './attack.ts'

const CONFIG = botConfigSchema.parse({
  mode: 'approve',
  channel: 'C0DEPLOYS',
  approvers: { users: [ANNA.id, BEN.id] },
  approval: { passkey: 'elevated' },
})

/** Two approvers have a passkey, and a change of high risk waits for both. */
async function deciding() {
  const ledger = memoryLedger()
  const bot = await botWith(sampleProposal({ verification: { ...VERIFICATION, risk: 'high', approvers: 2 } }), {
    ...memoryBot(CONFIG),
    ledger,
  })
  const people = enrollWorld(CONFIG, ledger)
  for (const { id } of [ANNA, BEN]) await people.enrolled(id)
  return { bot, people }
}
type World = Awaited<ReturnType<typeof deciding>>
const approved = async ({ bot }: World) => {
  const proposal = await bot.store.get('p-1')
  return proposal === null ? [] : approvalsOf(proposal)
}
const linkFor = ({ bot }: World, by = ANNA): string =>
  /\/approve\/(\w+)/.exec(bot.chat.ephemerals.filter(({ to }) => to === by.id).at(-1)?.text ?? '')?.[1] ?? ''

/** What `write` does with what it is asked, where passkeys are on. */
async function written(facts: GrantFacts, before: (world: ReturnType<typeof writeWorld>) => void = () => {}) {
  const world = writeWorld(ONE_CHANGE)
  world.own.passkeys = ELEVATED
  before(world)
  const { result, code } = await world.write(writeAsk(facts))
  return { result, code, writes: world.iam.writes.length }
}
const REFUSED = (code: string) => ({ result: 'refused', code, writes: 0 })
const WRITTEN = { result: 'written', code: null, writes: 1 }

const ana = deviceOf('Ana')
const anas = enrolled(ana, { deploymentId: DEPLOYMENT, userId: ANA.userId, atMs: 0 })
const ben = deviceOf('Ben')
const bens = enrolled(ben, { deploymentId: DEPLOYMENT, userId: BEN_SIGNS.userId, atMs: 0 })
const HIGH = { risk: 'high', approversNeeded: 2 } as const
const both = [{ ...HIGH }, { ...HIGH, by: BEN_SIGNS }]
const bothSigned = [withPasskey(decided(HIGH), ana, anas), withPasskey(decided({ ...HIGH, by: BEN_SIGNS }), ben, bens)]

describe('somebody without the devices of the approvers', () => {
  attack('K1', async () => {
    const world = await deciding()
    await press(world.bot, click('approve-limited', ANNA), click('approve-limited', BEN))
    expect(await approved(world)).toEqual([])
  })

  attack('K2', async () => {
    const world = await deciding()
    await press(world.bot, click('approve-limited', ANNA))
    const nonce = linkFor(world)
    const shown = await approvalPage(nonce, world.bot)
    if (shown.kind !== 'page') expect.fail(shown.why)
    for (const device of [deviceOf('U0EVE'), { ...deviceOf('U0EVE'), credentialId: deviceOf(ANNA.id).credentialId }]) {
      const signed = {
        ...assertionBy(device, shown.page.challenge),
        credentialId: device.credentialId,
        userHandle: null,
      }
      expect(await approveWithPasskey(nonce, signed, world.bot)).toMatchObject({ ok: false })
    }
    expect(await approved(world)).toEqual([])
  })

  attack('K3', async () => {
    const attestation = HIGH
    expect(await written({ decisions: both, attestation })).toEqual(REFUSED('no-passkey'))
    const older = withPasskey(decided({ ...HIGH, atMs: NOON - HOUR }), ana, anas).passkey
    const moved = [{ ...HIGH, passkey: older }, ...bothSigned.slice(1)]
    expect(await written({ decisions: moved, attestation })).toEqual(REFUSED('forged'))
    expect(await written({ decisions: bothSigned, attestation })).toEqual(WRITTEN)
  })

  attack('K4', async () => {
    for (const risk of ['elevated', 'high'] as const)
      expect(await written({ decisions: [{ risk }], attestation: { risk } })).toEqual(REFUSED('no-passkey'))
    const glass = { kind: 'break-glass' as const, reason: 'a reason', endsAtMs: NOON + HOUR }
    expect(await written({ decisions: [glass], attestation: { breakGlass: true } })).toEqual(REFUSED('no-passkey'))
    const person = { requester: { kind: 'person' as const, userId: 'U0ZOE' } }
    expect(await written({ decisions: [person] })).toEqual(REFUSED('no-passkey'))
    const longer = { ...person, endsAtMs: NOON + 90 * 24 * HOUR }
    expect(await written({ decisions: [longer] })).toEqual(REFUSED('no-passkey'))
    // What both call low asks for nothing, unless each approval does.
    expect(await written({ decisions: [{ risk: 'low' }], attestation: { risk: 'low' } })).toEqual(WRITTEN)
    const always = (world: ReturnType<typeof writeWorld>) => {
      world.own.passkeys = { ...ELEVATED, needed: 'always' }
    }
    expect(await written({ decisions: [{ risk: 'low' }] }, always)).toEqual(REFUSED('no-passkey'))
  })

  attack('K5', async () => {
    expect(await written({ decisions: both, attestation: { approversNeeded: 2 } })).toEqual(REFUSED('no-passkey'))
    // What people signed as low, it may call low, whatever it is by now.
    expect(await written({ decisions: [{ risk: 'low' }], attestation: { risk: 'low' } })).toEqual(WRITTEN)
  })

  attack('K6', async () => {
    const world = await deciding()
    await press(world.bot, click('approve-limited', ANNA))
    const nonce = linkFor(world)
    const now = (await world.bot.store.get('p-1')) ?? expect.fail('it is gone')
    const page = (await world.bot.store.getMarker(stepUp(nonce))) ?? expect.fail('no page waits')
    const request = { ...page.value.request, click: { ...page.value.request.click, by: BEN } }
    await world.bot.store.putMarker(stepUp('f'.repeat(32)), 0, { ...page.value, request })
    await world.bot.store.putMarker(signCount(credentialName(deviceOf(ANNA.id))), 0, { count: 0, of: '' })
    expect(await approvalPage('f'.repeat(32), world.bot)).toMatchObject({ kind: 'no' })
    // Where none is needed, a page decides nothing either: also not when somebody only looks at it.
    const off = await botWith(
      sampleProposal(),
      memoryBot({ ...CONFIG, approval: { ...CONFIG.approval, passkey: 'off' } }),
    )
    const planted = { ...page.value, request: { ...page.value.request, click: click('approve', ANNA).click } }
    await off.store.putMarker(stepUp(nonce), 0, planted)
    expect(await approvalPage(nonce, off)).toMatchObject({ kind: 'no' })
    expect(await off.store.get('p-1')).toMatchObject({ status: 'open', approvals: [] })
    const claimed = {
      by: ANNA,
      atMs: START,
      limitHours: null,
      reason: null,
      signed: signedBy(decided() as never, 'attestations'),
    }
    await world.bot.store.replace(now, { ...now, approvals: [claimed] } as never)
    await press(world.bot, click('approve-limited', BEN))
    expect((await world.bot.store.get('p-1'))?.status).toBe('open')
  })

  attack('K7', async () => {
    const own = deviceOf('U0EVE')
    const { statement } = enrolled(own, { deploymentId: DEPLOYMENT, userId: ANA.userId, atMs: 0 })
    const forged = { statement, signature: signatureOf('decisions', statementBytes(ENROLLMENT, statement)) }
    const decisions = [withPasskey(decided({ risk: 'elevated' }), own, forged)]
    expect(await written({ decisions, attestation: { risk: 'elevated' } })).toEqual(REFUSED('forged'))
  })

  attack('K13', async () => {
    const own = deviceOf('U0EVE')
    const key = enrolled(own, { deploymentId: DEPLOYMENT, userId: ANA.userId, atMs: 0 })
    const decision = withPasskey(decided({ risk: 'elevated' }), own, key)
    const ask = writeAsk({ decisions: [decision], attestation: { risk: 'elevated' } })
    const decisions = [{ decision, signature: signatureOf('enrollments', decisionBytes(decision)) }]
    const world = writeWorld(ONE_CHANGE)
    world.own.passkeys = ELEVATED
    expect(await world.write({ ...ask, grant: { ...ask.grant, decisions } })).toMatchObject({ code: 'forged' })
    expect(world.iam.writes).toEqual([])
    // The same, signed by `decide` too: what remains.
    expect(await written({ decisions: [decision], attestation: { risk: 'elevated' } })).toEqual(WRITTEN)
  })

  attack('K8', async () => {
    const { people } = await deciding()
    const own = deviceOf('U0EVE')
    const code = requestOf(ANNA.id, START, { device: own })
    expect(await people.byAdmin('stolen', code)).toMatchObject({ done: { effectiveMs: START + 24 * HOUR } })
    expect(await people.byAdmin('stolen', code)).toMatchObject({ done: { effectiveMs: START + 24 * HOUR } })
    expect(people.chat.posts.some(({ text }) => text.includes('arn:stolen'))).toBe(true)
    const young = enrolled(own, {
      deploymentId: DEPLOYMENT,
      userId: ANA.userId,
      atMs: NOON - HOUR,
      confirmedBy: ['administrator arn:stolen'],
    })
    const decisions = [withPasskey(decided({ risk: 'elevated' }), own, young)]
    expect(await written({ decisions, attestation: { risk: 'elevated' } })).toEqual(REFUSED('passkey-not-counted'))
  })

  attack('K9', async () => {
    // Ana signed what she did not mean. It is one signature, of one person.
    const [first] = bothSigned
    expect(await written({ decisions: [first ?? {}], attestation: HIGH })).toEqual(REFUSED('not-enough-approvals'))
    const twice = [first ?? {}, { ...HIGH, by: BEN_SIGNS, passkey: first?.passkey ?? null }]
    expect(await written({ decisions: twice, attestation: HIGH })).toMatchObject({ result: 'refused', writes: 0 })
    // Two signed a confirmation that they did not mean. It waits a day, announced.
    const { people } = await deciding()
    const own = deviceOf('U0EVE')
    const code = requestOf('U0CAT', START, { device: own })
    await people.byPerson(ANNA.id, code)
    expect(await people.byPerson(BEN.id, code)).toMatchObject({ value: { effectiveMs: START + 24 * HOUR } })
    expect(people.chat.posts.at(-1)?.text).toContain('U0CAT')
    const confirmedBy = [ANNA.id, BEN.id]
    const young = enrolled(own, { deploymentId: DEPLOYMENT, userId: ANA.userId, atMs: NOON - HOUR, confirmedBy })
    const decisions = [withPasskey(decided({ risk: 'elevated' }), own, young)]
    expect(await written({ decisions, attestation: { risk: 'elevated' } })).toEqual(REFUSED('passkey-not-counted'))
  })

  attack('K10', async () => {
    const signed = withPasskey(decided({ risk: 'elevated' }), ana, anas).passkey
    const attestation = { risk: 'elevated' } as const
    const others = [{ by: BEN_SIGNS }, { endsAtMs: NOON + 8 * HOUR }, { ticket: 'OPS-1' }, { atMs: NOON - MINUTE - 1 }]
    for (const other of others) {
      const decisions = [{ risk: 'elevated' as const, ...other, passkey: signed }]
      expect(await written({ decisions, attestation })).toEqual(REFUSED('forged'))
    }
    const elsewhere = enrolled(ana, { deploymentId: 'aaaaaaaa', userId: ANA.userId, atMs: 0 })
    const decisions = [withPasskey(decided({ risk: 'elevated' }), ana, elsewhere)]
    expect(await written({ decisions, attestation })).toEqual(REFUSED('forged'))
  })

  attack('K11', async () => {
    const asked = { decisions: bothSigned, attestation: HIGH }
    const removed = `revoked/${DEPLOYMENT}/${credentialName(ben)}`
    expect(await written(asked, ({ ledger }) => ledger.plant(removed, '{}'))).toEqual(REFUSED('passkey-revoked'))
    const hidden = (world: ReturnType<typeof writeWorld>) => {
      world.ledger.plant(removed, '{}')
      world.ledger.hide(removed)
    }
    expect(await written(asked, hidden)).toEqual(REFUSED('passkey-revoked'))
    const meanwhile = ({ iam, ledger }: ReturnType<typeof writeWorld>) => {
      const { read } = iam
      Object.assign(iam, {
        read: async (...given: Parameters<typeof read>) => {
          ledger.plant(removed, '{}')
          return read(...given)
        },
      })
    }
    expect(await written(asked, meanwhile)).toEqual(REFUSED('passkey-revoked'))
  })

  attack('K12', async () => {
    const { people } = await deciding()
    const code = requestOf('U0EVE')
    expect(await people.byPerson('U0EVE', code)).toMatchObject({ ok: false })
    expect(await people.byPerson(ANNA.id, code)).toMatchObject({ ok: true, value: { effectiveMs: null } })
    const eve = deviceOf('U0EVE')
    const eves = enrolled(eve, { deploymentId: DEPLOYMENT, userId: 'U0EVE', atMs: 0 })
    const by = { ...ANA, userId: 'U0EVE', email: null }
    const eligible = { approvers: ['U0EVE'], breakGlass: [] }
    const decisions = [withPasskey(decided({ risk: 'elevated', by, eligible }), eve, eves)]
    const named = (world: ReturnType<typeof writeWorld>) => {
      world.own.passkeys = { ...ELEVATED, people: [ANA.userId, BEN_SIGNS.userId] }
    }
    const asked = { decisions, attestation: { risk: 'elevated' } as const }
    expect(await written(asked, named)).toEqual(REFUSED('passkey-not-counted'))
    expect(await written(asked)).toEqual(WRITTEN)
  })

  attack('K14', async () => {
    const world = await deciding()
    await press(world.bot, { ...click('approve-limited', ANNA), message: '1700000000.000999' })
    expect(linkFor(world)).toBe('')
    await press(world.bot, click('approve-limited', BEN))
    const nonce = linkFor(world, BEN)
    const shown = await approvalPage(nonce, world.bot)
    if (shown.kind !== 'page') expect.fail(shown.why)
    const { patch } = (await world.bot.store.get('p-1')) ?? expect.fail('it is gone')
    const stored = patch?.changes.map(({ after }) => difference(null, after, Number.POSITIVE_INFINITY))
    expect(shown.page.changes.map(({ lines }) => lines)).toEqual(stored)
    const anna = deviceOf(ANNA.id)
    for (const userHandle of [null, Buffer.from(BEN.id).toString('base64url')]) {
      const signed = { ...assertionBy(anna, shown.page.challenge), credentialId: anna.credentialId, userHandle }
      expect(await approveWithPasskey(nonce, signed, world.bot)).toMatchObject({ ok: false })
    }
    expect(await approved(world)).toEqual([])
  })

  attack('K15', async () => {
    const world = writeWorld(ONE_CHANGE)
    world.own.passkeys = ELEVATED
    const answers: string[] = []
    const write = async (ask: WriteAsk) => {
      const outcome = await world.write(ask)
      answers.push(`${outcome.result} ${outcome.code}`)
      return outcome
    }
    const send = (ask: object) => consume(JSON.stringify(ask), { write, observer: SILENT_OBSERVER })
    const ask = writeAsk({ decisions: bothSigned, attestation: HIGH })
    const [anas, bens] = ask.grant.decisions
    if (anas === undefined || bens === undefined) expect.fail('two people decided')
    const carrying = (one: typeof anas, passkey: unknown) => ({ ...one, decision: { ...one.decision, passkey } })
    for (const decisions of [
      [carrying(anas, null), carrying(bens, null)],
      [anas, carrying(bens, null)],
      [anas, carrying(bens, anas.decision.passkey)],
      [anas],
      [anas, anas],
    ])
      await send({ ...ask, grant: { ...ask.grant, decisions } })
    expect([answers.filter(one => !one.startsWith('refused ')), world.iam.writes]).toEqual([[], []])
    for (const again of [ask, ask, structuredClone(ask)]) await send(again)
    expect(world.iam.writes).toHaveLength(1)
  })
})
