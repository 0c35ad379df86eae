import { describe, expect, it } from 'vitest'
import { digestOf } from '../../core/base/canonical-json.ts'
import { fail } from '../../core/base/result.ts'
import { changeDigest, patchDigest } from '../../core/patch/patch.ts'
import { makeDecide } from '../../functions/decide/decide.ts'
import { approvalPage, approveWithPasskey } from '../../functions/decide/passkey-page.ts'
import type { DecisionNow } from '../../functions/domain/authority/decision.ts'
import { challengeOf } from '../../functions/domain/authority/passkey.ts'
import { credentialName } from '../../functions/domain/authority/spent.ts'
import { difference } from '../../functions/domain/card/documents.ts'
import { botConfigSchema } from '../../functions/domain/config/config.ts'
import { DECIDING_ACTIONS, type DecidingAction } from '../../functions/domain/proposal/click.ts'
import type { Change, Proposal } from '../../functions/domain/proposal/proposal.ts'
import { MARKERS, type Marker, signCount, stepUp } from '../../functions/domain/stored/markers.ts'
import { CODE } from '../fakes/bridge-world.ts'
import { enrollWorld, requestOf } from '../fakes/enroll-world.ts'
import { type MemoryBot, memoryBot } from '../fakes/memory-bot.ts'
import { memoryLedger } from '../fakes/memory-ledger.ts'
import { assertionBy, type Device, deviceOf, type Made, ORIGIN } from '../fakes/passkeys.ts'
import {
  CARD,
  DIGEST,
  HOUR,
  MINUTE,
  NOON,
  OTHER_DIGEST,
  OUTCOME,
  sampleProposal,
  VERIFICATION,
} from '../fakes/sample-proposal.ts'
import { TRUST_CHANGE } from '../fakes/two-sided.ts'
import { ANNA, BEN, botWith, click, press } from './decide-fixture.ts'

const CONFIG = botConfigSchema.parse({
  mode: 'approve',
  channel: 'C0DEPLOYS',
  approvers: { users: [ANNA.id, BEN.id] },
  approval: { passkey: 'elevated' },
  breakGlass: { group: 'S0GLASS', announceChannel: 'C0SECURITY' },
})
const ELEVATED: Partial<Proposal> = { verification: { ...VERIFICATION, risk: 'elevated' } } as Partial<Proposal>

const DAY = 24 * HOUR

/** Anna and Ben have enrolled, and the proposal is of elevated risk. */
async function world(changed: Partial<Proposal> = ELEVATED, config = CONFIG) {
  const ledger = memoryLedger()
  const bot = await botWith(sampleProposal(changed), { ...memoryBot(config), ledger })
  bot.chat.groups.set('S0GLASS', { known: true, value: [ANNA.id] })
  const people = enrollWorld(config, ledger)
  const enroll = { ...people, devices: { anna: await people.enrolled(ANNA.id), ben: await people.enrolled(BEN.id) } }
  return { bot, enroll }
}

/** The nonce of the link that this person was sent last. */
function nonceFor(bot: MemoryBot, by = ANNA): string {
  const sent = bot.chat.ephemerals.filter(({ to }) => to === by.id).at(-1)?.text ?? ''
  return /\/approve\/([\w-]+)/.exec(sent)?.[1] ?? expect.fail(`no link in “${sent}”`)
}

async function challengeOn(bot: MemoryBot, nonce: string): Promise<string> {
  const answer = await approvalPage(nonce, bot)
  return answer.kind === 'page' ? answer.page.challenge : expect.fail(answer.why)
}

type Sent = {
  readonly device?: Device
  readonly made?: Partial<Made>
  readonly challenge?: string
  readonly userHandle?: string | null
}
async function sign(
  bot: MemoryBot,
  nonce: string,
  { device = deviceOf(ANNA.id), made, challenge, userHandle = null }: Sent = {},
) {
  const assertion = assertionBy(device, challenge ?? (await challengeOn(bot, nonce)), made)
  return approveWithPasskey(nonce, { ...assertion, credentialId: device.credentialId, userHandle }, bot)
}

const stored = async (bot: MemoryBot) => (await bot.store.get('p-1')) ?? expect.fail('no proposal')
const approvals = async (bot: MemoryBot) => {
  const proposal = await stored(bot)
  return 'approvals' in proposal ? proposal.approvals : []
}

describe('an approval of elevated risk', () => {
  it('is not on record before its passkey, and the person gets a link that nobody else sees', async () => {
    const { bot } = await world()
    await press(bot, click('approve'))
    expect(await approvals(bot)).toEqual([])
    expect(bot.chat.ephemerals).toMatchObject([
      {
        to: ANNA.id,
        text: expect.stringContaining('Nothing is approved yet: this needs your passkey within 5 minutes.'),
      },
    ])
    expect(await bot.audit.last()).toBeNull()
  })

  it('shows what the card says, and is on record with what the device signed', async () => {
    const { bot } = await world()
    await press(bot, click('approve-limited'))
    const nonce = nonceFor(bot)
    const shown = await approvalPage(nonce, bot)
    expect(shown).toMatchObject({
      kind: 'page',
      page: { by: 'anna', kind: 'approve', endsAtMs: NOON + 5 * MINUTE + 8 * HOUR },
    })
    expect(JSON.stringify(shown)).toContain('iam:PassRole')
    bot.setNow(NOON + 8 * MINUTE)
    expect(await sign(bot, nonce)).toMatchObject({ ok: true })
    const [approval] = await approvals(bot)
    const decision = approval?.signed?.decision
    if (decision?.schema !== 'rolemedic.decision/3') expect.fail('no decision')
    expect(decision.passkey?.enrollment.statement.userId).toBe(ANNA.id)
    expect(decision.atMs).toBe(NOON + 5 * MINUTE)
    expect(challengeOf({ ...decision, passkey: null })).toBe(
      JSON.parse(Buffer.from(decision.passkey?.clientData ?? '', 'base64url').toString()).challenge,
    )
  })

  it('counts its signature up once, also when the card changes at that moment', async () => {
    const { bot } = await world()
    await press(bot, click('approve'))
    const { replace } = bot.store
    let conflicts = 1
    Object.assign(bot.store, {
      replace: async (...given: Parameters<typeof replace>) => {
        conflicts -= 1
        return conflicts < 0 ? replace.apply(bot.store, given) : fail(given[0])
      },
    })
    expect(await sign(bot, nonceFor(bot), { made: { counter: 7 } })).toMatchObject({ ok: true })
    expect(await approvals(bot)).toHaveLength(1)
  })

  it('counts up after another press that counted first', async () => {
    const { bot } = await world()
    await press(bot, click('approve'))
    const { putMarker } = bot.store
    const marker = signCount(credentialName(deviceOf(ANNA.id)))
    Object.assign(bot.store, {
      putMarker: async (...given: Parameters<typeof putMarker>) => {
        if (given[0].key === marker.key && (await bot.store.getMarker(marker)) === null)
          await putMarker.call(bot.store, marker, 0, { count: 6, of: 'another' })
        return putMarker.apply(bot.store, given)
      },
    })
    expect(await sign(bot, nonceFor(bot), { made: { counter: 7 } })).toMatchObject({ ok: true })
    expect((await bot.store.getMarker(marker))?.value.count).toBe(7)
  })

  it('takes two people where two are needed, each with their own', async () => {
    const { bot } = await world({ verification: { ...VERIFICATION, risk: 'high', approvers: 2 } } as Partial<Proposal>)
    await press(bot, click('approve-limited'))
    await sign(bot, nonceFor(bot))
    expect((await stored(bot)).status).toBe('open')
    await press(bot, click('approve-limited', BEN))
    expect(await sign(bot, nonceFor(bot, BEN), { device: deviceOf(BEN.id) })).toMatchObject({ ok: true })
    expect((await stored(bot)).status).toBe('approved')
    expect((await approvals(bot)).every(({ signed }) => JSON.stringify(signed).includes('authenticatorData'))).toBe(
      true,
    )
  })
})

describe('a passkey is also needed', () => {
  it('to break the glass at low risk', async () => {
    const { bot } = await world({})
    await press(bot, click('break-glass', ANNA, { reason: 'checkout is down' }))
    expect(await approvals(bot)).toEqual([])
    expect(await sign(bot, nonceFor(bot))).toMatchObject({ ok: true })
    expect((await stored(bot)).status).toBe('approved')
  })

  it('for a grant without an end for a person, and not for one with an end', async () => {
    const person = { requester: { kind: 'unknown', why: 'nobody knows', claimed: null } } as Partial<Proposal>
    const { bot } = await world(person)
    await press(bot, click('approve-limited'))
    expect(await approvals(bot)).toHaveLength(1)
    await press(bot, click('approve', BEN))
    expect(await approvals(bot)).toHaveLength(1)
    expect(bot.chat.ephemerals.at(-1)?.text).toContain('this needs your passkey')
  })

  it('for everything, where the configuration says always', async () => {
    const { bot } = await world({}, { ...CONFIG, approval: { ...CONFIG.approval, passkey: 'always' } })
    await press(bot, click('approve'))
    expect(await approvals(bot)).toEqual([])
  })
})

describe('no passkey is needed', () => {
  it('for low risk, to reject, to revert, or where it is switched off', async () => {
    const low = await world({})
    await press(low.bot, click('approve'))
    expect(await approvals(low.bot)).toHaveLength(1)
    const rejected = await world()
    await press(rejected.bot, click('reject', ANNA, { reason: 'no' }))
    expect((await stored(rejected.bot)).status).toBe('rejected')
    const off = await world(ELEVATED, { ...CONFIG, approval: { ...CONFIG.approval, passkey: 'off' } })
    await press(off.bot, click('approve'))
    expect(await approvals(off.bot)).toHaveLength(1)
    const applied = await botWith(sampleProposal({ ...ELEVATED, status: 'applied' } as never), memoryBot(CONFIG))
    await press(applied, click('revert'))
    expect((await stored(applied)).status).toBe('reverting')
  })
})

describe('nothing is approved', () => {
  const SENT: { readonly [what: string]: Sent } = {
    'by the passkey of another person': { device: deviceOf(BEN.id) },
    'by a device that nobody enrolled': { device: deviceOf('U0EVE') },
    'by a copy of the credential with another key': {
      device: { ...deviceOf('U0EVE'), credentialId: deviceOf(ANNA.id).credentialId },
    },
    'on another page': { made: { origin: 'https://abc123.example.com' } },
    'for another host': { made: { rpId: 'example.com' } },
    'without the person verified': { made: { flags: 0b001 } },
    'in a frame of another site': { made: { more: { crossOrigin: true } } },
    'in a frame of whatever the browser names': { made: { more: { topOrigin: 'https://example.com' } } },
    'by a key that may be copied, and was enrolled as one that may not': { made: { flags: 0b1101 } },
    'by a signature of another challenge': { challenge: challengeOf({ another: 'decision' }) },
    'by what answers for another user': { userHandle: Buffer.from(BEN.id).toString('base64url') },
  }
  it.each(Object.entries(SENT))('%s', async (_, sent) => {
    const { bot } = await world()
    await press(bot, click('approve'))
    expect(await sign(bot, nonceFor(bot), sent)).toMatchObject({ ok: false })
    expect(await approvals(bot)).toEqual([])
  })

  it('by a link that another person opens with their own passkey', async () => {
    const { bot } = await world()
    await press(bot, click('approve'))
    const forwarded = nonceFor(bot)
    expect(await sign(bot, forwarded, { device: deviceOf(BEN.id) })).toEqual({
      ok: false,
      message: `You have not enrolled this passkey: make one at ${ORIGIN}/enroll.`,
    })
  })

  it('twice by one link, or by what was signed for another one', async () => {
    const { bot } = await world({ verification: { ...VERIFICATION, risk: 'high', approvers: 2 } } as Partial<Proposal>)
    await press(bot, click('approve-limited'))
    const nonce = nonceFor(bot)
    const challenge = await challengeOn(bot, nonce)
    expect(await sign(bot, nonce, { challenge })).toMatchObject({ ok: true })
    expect(await sign(bot, nonce, { challenge })).toMatchObject({ ok: false })
    await press(bot, click('approve-limited', BEN))
    expect(await sign(bot, nonceFor(bot, BEN), { challenge, device: deviceOf(BEN.id) })).toMatchObject({ ok: false })
    expect(await approvals(bot)).toHaveLength(1)
  })

  it('after five minutes, or by a nonce that nobody made', async () => {
    const { bot } = await world()
    await press(bot, click('approve'))
    const nonce = nonceFor(bot)
    const challenge = await challengeOn(bot, nonce)
    bot.setNow(NOON + 10 * MINUTE)
    expect(await approvalPage(nonce, bot)).toMatchObject({ kind: 'no' })
    expect(await sign(bot, nonce, { challenge })).toMatchObject({ ok: false })
    for (const other of ['', 'a'.repeat(32), '../step-up', nonce.slice(1)])
      expect(await approvalPage(other, bot)).toMatchObject({ kind: 'no' })
  })

  it('once the proposal has another patch, or its time is over', async () => {
    const changed = await world()
    await press(changed.bot, click('approve'))
    const nonce = nonceFor(changed.bot)
    const challenge = await challengeOn(changed.bot, nonce)
    const before = await stored(changed.bot)
    if (before.patch === null) expect.fail('no patch')
    await changed.bot.store.replace(before, { ...before, patch: { ...before.patch, digest: OTHER_DIGEST } } as Proposal)
    expect(await approvalPage(nonce, changed.bot)).toMatchObject({ kind: 'no' })
    expect(await sign(changed.bot, nonce, { challenge })).toMatchObject({ ok: false })
    const late = await world({ ...ELEVATED, expiresAtMs: NOON + 6 * MINUTE })
    await press(late.bot, click('approve'))
    const signed = await challengeOn(late.bot, nonceFor(late.bot))
    late.bot.setNow(NOON + 7 * MINUTE)
    expect(await sign(late.bot, nonceFor(late.bot), { challenge: signed })).toMatchObject({ ok: false })
    expect(await approvals(late.bot)).toEqual([])
  })

  it('once what the person saw has changed, though the patch has not', async () => {
    const { bot } = await world()
    await press(bot, click('approve'))
    const challenge = await challengeOn(bot, nonceFor(bot))
    const before = await stored(bot)
    await bot.store.replace(before, { ...before, verification: { ...VERIFICATION, risk: 'high' } } as Proposal)
    expect(await sign(bot, nonceFor(bot), { challenge })).toEqual({
      ok: false,
      message: 'The card says something else by now: press its button again.',
    })
  })

  it('by a removed passkey, or by one that counts tomorrow', async () => {
    const { bot, enroll } = await world()
    await press(bot, click('approve'))
    await enroll.remove(ANNA.id, credentialName(enroll.devices.anna))
    expect(await sign(bot, nonceFor(bot))).toMatchObject({
      ok: false,
      message: expect.stringContaining('not enrolled'),
    })
    const young = deviceOf('second of Anna')
    await enroll.byAdmin('one', requestOf(ANNA.id, NOON, { device: young }))
    await press(bot, click('approve'))
    expect(await sign(bot, nonceFor(bot), { device: young })).toMatchObject({
      ok: false,
      message: expect.stringContaining('less than a day ago'),
    })
    expect(await approvals(bot)).toEqual([])
  })

  it('by a copy that counts backwards', async () => {
    const first = await world()
    await press(first.bot, click('approve'))
    expect(await sign(first.bot, nonceFor(first.bot), { made: { counter: 7 } })).toMatchObject({ ok: true })
    await first.bot.store.create(sampleProposal({ ...ELEVATED, id: 'p-2' }))
    await press(first.bot, { ...click('approve', ANNA, { proposalId: 'p-2' }), cardOf: 'p-2' })
    expect(await sign(first.bot, nonceFor(first.bot), { made: { counter: 7 } })).toMatchObject({
      ok: false,
      message: expect.stringContaining('counts backwards'),
    })
  })

  it('by one that signs many things at once, which is no copy', async () => {
    const { bot } = await world()
    await press(bot, click('approve'))
    const nonce = nonceFor(bot)
    const crowded = {
      ...bot.store,
      putMarker: async <T>(marker: Marker<T>, version: number, value: T) =>
        !marker.key.startsWith(MARKERS.signCount) && (await bot.store.putMarker(marker, version, value)),
    }
    const counted: string[] = []
    const observer = { ...bot.observer, count: (name: string) => void counted.push(name) }
    expect(await sign({ ...bot, store: crowded, observer }, nonce, { made: { counter: 7 } })).toMatchObject({
      ok: false,
      message: expect.stringContaining('at this moment'),
    })
    expect(counted).not.toContain('Forged')
    expect(await approvals(bot)).toEqual([])
  })

  it('by a marker that somebody planted in the table for another person', async () => {
    const { bot } = await world()
    await press(bot, click('approve'))
    const nonce = nonceFor(bot)
    const asked = (await bot.store.getMarker(stepUp(nonce))) ?? expect.fail('no marker')
    const { request } = asked.value
    await bot.store.putMarker(stepUp(nonce), asked.version, {
      ...asked.value,
      request: { ...request, click: { ...request.click, by: BEN, digest: DIGEST } },
    })
    expect(await approvalPage(nonce, bot)).toMatchObject({ kind: 'no' })
    expect(await sign(bot, nonce, { challenge: 'x' })).toMatchObject({ ok: false })
  })
})

const ALONE: Change = {
  patch: { changes: [TRUST_CHANGE], digest: patchDigest([TRUST_CHANGE]) },
  ...{ verification: VERIFICATION, followUps: [] },
}
const TEMPLATE = { place: null, isMade: false, needs: [], alone: ALONE, unnamed: 0, refused: [], unread: null }
const RESTORE = { kind: 'offered', change: ALONE } as const
const LOST = {
  ...{ seenAtMs: NOON, isFinal: true, outcome: 'found', lost: TRUST_CHANGE.after, othersClosed: false },
  write: {
    ...{ id: 'e-1', atMs: NOON - DAY, eventName: 'DeleteRolePolicy', by: null, subject: null },
    target: 'arn:aws:iam::111122223333:role/deployer',
  },
} as const

/** Each button where it works, on a proposal of low risk. */
const STANDING = { status: 'confirmed', applied: OUTCOME, dueAtMs: NOON + 40 * DAY } as const
const USE = {
  ...{ lookedAtMs: NOON, wholeSinceMs: NOON, unseen: null, lastUsedAtMs: null, kept: null },
  question: { atMs: NOON, card: CARD, isSeen: true },
}
const GLASS = {
  ...{ status: 'reverted', applied: { ...OUTCOME, endsAtMs: NOON }, dueAtMs: NOON + DAY },
  reverted: { by: { id: 'rolemedic', name: 'rolemedic' }, atMs: NOON },
  approvals: [{ by: BEN, atMs: NOON - DAY, limitHours: 4, reason: 'down' }],
  ratification: { askedAtMs: NOON, needed: 1, by: [], declined: null, card: CARD },
} as const
const WHERE: { readonly [A in DecidingAction]: object } = {
  ...{ approve: {}, 'approve-limited': {}, 'break-glass': {}, reject: {} },
  ...{ 'approve-with-pull': { code: CODE }, 'pull-only': { code: CODE } },
  ...{ 'approve-alone': { template: TEMPLATE }, 'approve-restore': { whatChanged: LOST, restore: RESTORE } },
  ...{ revert: STANDING, keep: { ...STANDING, use: USE } },
  ...{ ratify: GLASS, 'ratify-and-ask': GLASS, 'not-ratify': GLASS },
}

describe('a marker that somebody planted in the table', () => {
  const NONCE = 'ab'.repeat(16)
  const CHOICES: readonly DecidingAction[] = ['approve-alone', 'approve-restore']
  const CASES = (['off', 'elevated'] as const).flatMap(passkey =>
    DECIDING_ACTIONS.map(action => [action, passkey] as const),
  )
  it.each(CASES)('decides nothing: %s, with passkeys %s', async (action, passkey) => {
    const config = { ...CONFIG, approval: { ...CONFIG.approval, passkey } }
    const pressed = click(action, ANNA, {
      ...{ reason: 'because', digest: CHOICES.includes(action) ? ALONE.patch.digest : DIGEST },
    })
    const made = async (needed: typeof passkey) => {
      const { bot } = await world(WHERE[action], { ...config, approval: { ...config.approval, passkey: needed } })
      return { bot, before: await stored(bot) }
    }
    // What the button itself does, where it needs no passkey: so that the digest is right.
    const control = await made('off')
    await makeDecide(control.bot)(pressed)
    const message = lastDecisionIn(await stored(control.bot))
    const { bot, before } = await made(passkey)
    for (const digest of [digestOf({ ...message, passkey: null }), OTHER_DIGEST]) {
      const { kind: _, ...request } = pressed
      const marker = { request, digest, atMs: message.atMs, expiresAtMs: NOON + HOUR, isUsed: false }
      const { version } = (await bot.store.getMarker(stepUp(NONCE))) ?? { version: 0 }
      await bot.store.putMarker(stepUp(NONCE), version, marker)
      await approvalPage(NONCE, bot)
      await sign(bot, NONCE, { device: deviceOf('U0EVE'), challenge: 'x' })
    }
    expect(await stored(bot)).toEqual(before)
    expect(bot.queue.sent).toEqual([])
  })
})

/** Of all that is signed in it, the last. */
function lastDecisionIn(proposal: Proposal): DecisionNow {
  const found: DecisionNow[] = []
  JSON.stringify(proposal, (name, value) => {
    if (name === 'decision' && value?.by?.userId === ANNA.id) found.push(value)
    return value
  })
  return found.at(-1) ?? expect.fail('the button itself decided nothing')
}

describe('the page of an approval of another change than the card has', () => {
  it('shows the change that is signed', async () => {
    const { bot } = await world({
      ...ELEVATED,
      template: { ...TEMPLATE, alone: { ...ALONE, verification: ELEVATED.verification } },
    } as never)
    await press(bot, click('approve-alone', ANNA, { digest: ALONE.patch.digest }))
    const shown = await approvalPage(nonceFor(bot), bot)
    if (shown.kind !== 'page') expect.fail(shown.why)
    expect(shown.page.changes.map(({ lines }) => lines)).toEqual([difference(TRUST_CHANGE.before, TRUST_CHANGE.after)])
    expect(await sign(bot, nonceFor(bot))).toMatchObject({ ok: true })
    expect((await stored(bot)).patch?.digest).toBe(ALONE.patch.digest)
  })

  it('shows each line whole, and nothing that is not signed', async () => {
    const before = sampleProposal(ELEVATED)
    const [required] = before.patch?.changes ?? []
    if (required === undefined) expect.fail('no change')
    const long = 'x'.repeat(420)
    const after = {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 'iam:PassRole', Resource: `${long}/*` }],
    } as const
    const change = { ...required, after, digest: changeDigest({ ...required, after }) }
    const optional = { ...TRUST_CHANGE, required: false }
    const patch = { changes: [change, optional], digest: patchDigest([change]) }
    const { bot } = await world({ ...ELEVATED, patch } as never)
    await press(bot, click('approve', ANNA, { digest: patch.digest, reason: 'orders are down', ticket: 'OPS-1' }))
    const shown = await approvalPage(nonceFor(bot), bot)
    if (shown.kind !== 'page') expect.fail(shown.why)
    expect(shown.page).toMatchObject({ reason: 'orders are down', ticket: 'OPS-1', pullRequest: null })
    expect(shown.page.changes).toHaveLength(1)
    expect(JSON.stringify(shown.page.changes)).toContain(`${long}/*`)
  })

  it('shows nothing whose documents are not those of their digests', async () => {
    const { bot } = await world()
    await press(bot, click('approve'))
    const challenge = await challengeOn(bot, nonceFor(bot))
    const before = await stored(bot)
    const [change] = before.patch?.changes ?? []
    const changes = [{ ...change, after: { Version: '2012-10-17', Statement: [] } }]
    await bot.store.replace(before, { ...before, patch: { ...before.patch, changes } } as never)
    expect(await approvalPage(nonceFor(bot), bot)).toMatchObject({ kind: 'no' })
    expect(await sign(bot, nonceFor(bot), { challenge })).toMatchObject({ ok: false })
    expect(await approvals(bot)).toEqual([])
  })

  it('shows nothing whose documents are not those of their digests, also of a change that comes with the press', async () => {
    const digest = patchDigest([TRUST_CHANGE])
    const shown = { ...TRUST_CHANGE, after: { Version: '2012-10-17', Statement: [] } }
    const alone = { patch: { changes: [shown], digest }, verification: ELEVATED.verification, followUps: [] }
    const { bot } = await world({ ...ELEVATED, template: { ...TEMPLATE, alone } } as never)
    await press(bot, click('approve-alone', ANNA, { digest }))
    expect(await approvalPage(nonceFor(bot), bot)).toMatchObject({ kind: 'no' })
  })
})
