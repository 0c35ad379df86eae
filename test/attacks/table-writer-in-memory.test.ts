/** What somebody who may put any item into the table can do, for attacks that need another time or two documents. */
import { describe, expect } from 'vitest'
import { changeDigest, patchDigest } from '../../core/patch/patch.ts'
import { entryFor } from '../../functions/domain/audit/audit-entry.ts'
import { type KeyUse, statementBytes } from '../../functions/domain/authority/statement.ts'
import { RECORD_SEEN, unseenWitness } from '../../functions/domain/authority/witness.ts'
import { configSchema } from '../../functions/domain/config/config.ts'
import type { Proposal } from '../../functions/domain/proposal/proposal.ts'
import { AUDIT_HEAD, GRANT_STOP, HEARD_ACCOUNTS, heardFrom } from '../../functions/domain/stored/markers.ts'
import { recordHeartbeat } from '../../functions/intake/record-heartbeat.ts'
import { SILENT_OBSERVER } from '../../functions/ports/silent-observer.ts'
import { makeReview } from '../../functions/propose/review-grant.ts'
import { checkMembers } from '../../functions/sweep/check-members.ts'
import { memoryBot } from '../fakes/memory-bot.ts'
import { memoryHistory } from '../fakes/memory-history.ts'
import { keyOf, memoryIam } from '../fakes/memory-iam.ts'
import { memoryStore } from '../fakes/memory-store.ts'
import { HOUR, inStatus, MINUTE, NOON, OUTCOME, sampleProposal } from '../fakes/sample-proposal.ts'
import { DEPLOYMENT, decisionAbout, signatureOf, signedBy } from '../fakes/signing.ts'
import { IDENTITY_CHANGE, TRUST_CHANGE } from '../fakes/two-sided.ts'
import { CONFIG, ONCALL, type World, worldWith } from '../fakes/verify-world.ts'
import { approved, askedToRevert, reasons, trail } from '../verify/verify-fixture.ts'
import { attack } from './attack.ts'

const STANDING = [IDENTITY_CHANGE, TRUST_CHANGE].map(({ target, after }) => [keyOf(target), after] as const)

/** Both documents are written, and a person has pressed Revert. */
async function reverting(): Promise<World> {
  const world = await worldWith(approved())
  await world.process().apply('p-1')
  const now = inStatus(await world.get(), 'applied')
  await world.store.replace(now, askedToRevert(now, ONCALL, NOON + 1))
  world.iam.writes.length = 0
  return world
}

/** Written 21 minutes ago, for a denial that CloudTrail does not know unless another role was denied. */
async function lowRiskWrite(): Promise<World> {
  const world = await worldWith(approved())
  await world.process().apply('p-1')
  const { resource } = (await world.get()).denial
  world.history.answer = denial =>
    denial.resource === resource ? unseenWitness(denial, world.clock.nowMs) : { kind: 'confirmed', denial }
  world.clock.nowMs = NOON + 21 * MINUTE
  return world
}

function seenSignedBy(use: KeyUse, proposalId = 'p-1') {
  const { digest } = approved().patch
  const facts = { proposalId, patchDigest: digest, eventId: 'e-1', atMs: NOON }
  const statement = { schema: 'rolemedic.record-seen/1', deploymentId: DEPLOYMENT, ...facts } as const
  return { statement, signature: signatureOf(use, statementBytes(RECORD_SEEN, statement)) }
}

async function put(world: World, changed: object): Promise<void> {
  const now = await world.get()
  await world.store.replace(now, { ...now, ...changed } as typeof now)
}

describe('a table writer', () => {
  attack('T37', async () => {
    const world = await reverting()
    const { applied } = inStatus(await world.get(), 'reverting')
    await put(world, {
      applied: { ...applied, changes: applied.changes.filter(({ target }) => target.kind !== 'role-trust-policy') },
    })
    expect(await world.process().revert('p-1')).toBe('reverted')
    expect(world.iam.documents.get(keyOf(TRUST_CHANGE.target))).toEqual(TRUST_CHANGE.before)
    expect(world.iam.documents.has(keyOf(IDENTITY_CHANGE.target))).toBe(false)
  })

  attack('T38', async () => {
    const world = await reverting()
    const undoing = [TRUST_CHANGE, IDENTITY_CHANGE].map(({ target, after }) => ({ target, before: null, after }))
    await put(world, { undoing })
    expect(await world.process().revert('p-1')).toBe('reverted')
    expect(world.iam.documents.get(keyOf(TRUST_CHANGE.target))).toEqual(TRUST_CHANGE.before)
    expect(world.iam.documents.has(keyOf(IDENTITY_CHANGE.target))).toBe(false)
  })

  attack('T39', async () => {
    const world = await reverting()
    const { revertRequest } = inStatus(await world.get(), 'reverting')
    const other = await worldWith(approved(undefined, { id: 'p-2' }))
    await other.process().apply('p-2')
    const stands = inStatus(await other.get('p-2'), 'applied')
    await other.store.replace(stands, { ...askedToRevert(stands, ONCALL, NOON + 1), revertRequest })
    other.iam.writes.length = 0
    expect(await other.process().revert('p-2')).toBe('failed')
    expect(other.iam.writes).toEqual([])
    expect((await reasons(other))['forged']).toContain('is about proposal p-1')
  })

  attack('T42', async () => {
    const world = await worldWith(approved())
    world.clock.nowMs = NOON + 25 * HOUR
    expect(await world.process().apply('p-1')).toBe('stale')
    expect(world.iam.writes).toEqual([])
    expect(await reasons(world)).toMatchObject({ stale: expect.stringContaining('more than 24 h ago') })
    // `verify` saw it, before `write` was asked.
    expect(await trail(world)).toEqual(['stale'])
  })

  attack('T43', async () => {
    const gone = { id: 'U0GONE', name: 'Gus' }
    const world = await worldWith(
      approved(undefined, { approvals: [{ by: gone, atMs: NOON, limitHours: null, reason: null }] }),
    )
    expect(await world.process().apply('p-1')).toBe('stale')
    expect(world.iam.writes).toEqual([])
  })

  attack('T44', async () => {
    const ben = { id: 'U0ONCALL2', name: 'Ben' }
    const early = { by: ONCALL, atMs: NOON, limitHours: 1, reason: null }
    const late = { by: ben, atMs: NOON + 2 * HOUR, limitHours: null, reason: null }
    const unsigned = approved(undefined, { approvals: [] })
    const signed = [late, early].map(one => {
      const decision = { ...decisionAbout(unsigned, { ...one, kind: 'approve' }), approversNeeded: 2 }
      return { ...one, signed: signedBy(decision) }
    })
    const world = await worldWith({ ...unsigned, approvals: signed })
    world.clock.nowMs = NOON + 2 * HOUR
    await world.process().apply('p-1')
    expect(world.iam.writes).toEqual([])
    expect(await reasons(world)).toMatchObject({ stale: expect.stringContaining('needs 2 approvals') })
    expect(await trail(world)).toEqual(['stale'])
  })

  attack('T45', async () => {
    const world = await worldWith(approved())
    await world.log.append(entryFor(await world.get(), { kind: 'proposed', atMs: NOON, why: 'as drafted' }, 'test'))
    const head = await world.store.getMarker(AUDIT_HEAD)
    await world.store.putMarker(AUDIT_HEAD, head?.version ?? 0, { sequence: 1, hash: 'f'.repeat(64) })
    await expect(world.process().apply('p-1')).rejects.toThrow('the audit log is broken')
    expect(world.iam.writes).toEqual([])
  })

  attack('T49', async () => {
    const other = { resource: 'arn:aws:iam::111122223333:role/other' }
    const alterations: readonly ((now: Proposal) => object)[] = [
      () => ({ record: 'seen' }),
      () => ({ record: undefined }),
      () => ({ applied: { ...inStatus(sample, 'applied').applied, atMs: NOON + 1000 * HOUR } }),
      ({ denial }) => ({ denial: { ...denial, ...other } }),
      ({ denial }) => ({ denial: { ...denial, timeMs: NOON + 1000 * HOUR } }),
      () => ({ record: 'seen', recordSeen: seenSignedBy('decisions') }),
      () => ({ record: 'seen', recordSeen: seenSignedBy('attestations', 'p-2') }),
    ]
    const sample = await lowRiskWrite().then(world => world.get())
    for (const altered of alterations) {
      const world = await lowRiskWrite()
      await put(world, altered(await world.get()))
      expect(await world.process().missingRecords()).toEqual(['p-1'])
    }
    const world = await lowRiskWrite()
    Object.assign(world.store, { get: async () => null })
    expect(await world.process().missingRecords()).toEqual(['p-1'])
  })

  attack('T46', async () => {
    const world = await worldWith(approved())
    const { write } = world.iam
    let freed = false
    world.iam.write = async (...given) => {
      if (!freed) {
        freed = true
        await put(world, { leaseUntilMs: null })
        await world
          .process()
          .apply('p-1')
          .catch(() => {})
      }
      return write(...given)
    }
    await world
      .process()
      .apply('p-1')
      .catch(() => {})
    await world.settle()
    for (const [key, document] of STANDING) expect(world.iam.documents.get(key)).toEqual(document)
    expect((await trail(world)).filter(kind => kind === 'applied')).toHaveLength(1)
  })

  attack('T47', async () => {
    // `decide` trusted the item, and signed accordingly.
    for (const requester of [
      { kind: 'person', userId: ONCALL.id },
      { kind: 'unknown', why: 'a session name proves nothing', claimed: null },
    ] as const) {
      const world = await worldWith(approved())
      world.analyzed.requester = requester
      expect(await world.process().apply('p-1')).toBe('stale')
      expect(world.iam.writes).toEqual([])
      expect(await world.get()).toMatchObject({ failure: { code: 'not-enough-approvals' } })
    }
  })

  attack('T48', async () => {
    const store = memoryStore()
    const hub = { accountId: '111122223333', region: 'eu-west-1' }
    await store.putMarker(HEARD_ACCOUNTS, 0, [hub.accountId])
    await store.putMarker(heardFrom(hub.accountId), 0, { [hub.region]: { atMs: NOON + 1_000 * HOUR, version: null } })
    const counted: (readonly [string, number | undefined])[] = []
    const observer = { ...SILENT_OBSERVER, count: (name: string, value?: number) => void counted.push([name, value]) }
    const clock = () => NOON
    const members = { ownAccountId: hub.accountId, inOrganization: false, regions: [hub.region], retired: [] }
    const config = configSchema.parse({ mode: 'approve' })
    await checkMembers({ store, clock, observer, config, notifier: { publish: async () => {} }, members })
    expect(counted).toEqual([['SilentMembers', 1]])

    await recordHeartbeat({ ...hub, sentAtMs: NOON, version: null }, { store, clock, observer, readerRole: null })
    await checkMembers({ store, clock, observer, config, notifier: { publish: async () => {} }, members })
    expect(counted.at(-1)).toEqual(['SilentMembers', 0])
    expect((await store.getMarker(heardFrom(hub.accountId)))?.value).toEqual({
      [hub.region]: { atMs: NOON, version: null },
    })
  })

  attack('T51', async () => {
    const bot = memoryBot()
    const iam = memoryIam()
    for (const { target, after } of OUTCOME.changes) iam.documents.set(keyOf(target), after)
    const use = { lookedAtMs: NOON, wholeSinceMs: NOON, unseen: null, lastUsedAtMs: null, question: null, kept: null }
    const stored = { status: 'confirmed', applied: OUTCOME, dueAtMs: null, use: { ...use, goneAtMs: NOON } } as const
    await bot.store.create(sampleProposal(stored))
    bot.setNow(NOON + 40 * 24 * HOUR)
    const history = memoryHistory(bot.clock)
    expect(await makeReview({ ...bot, documents: iam, history, regions: ['eu-west-1'] })('p-1')).toBe('asked')
    expect(await bot.store.get('p-1')).not.toHaveProperty('use.goneAtMs')
    expect(bot.audit.entries.map(({ life }) => life?.kind)).toEqual(['offered'])
  })

  attack('T52', async () => {
    const world = await worldWith(approved())
    await world.process().apply('p-1')
    const now = inStatus(await world.get(), 'applied')
    await world.store.replace(now, askedToRevert(now, ONCALL, NOON + 1))
    await world.store.putMarker(GRANT_STOP, 0, { stop: { by: 'nobody', reason: null, sinceMs: NOON } })
    expect(await world.process().revert('p-1')).toBe('reverted')
    const waiting = await worldWith(approved())
    await waiting.store.putMarker(GRANT_STOP, 0, { stop: { by: 'nobody', reason: null, sinceMs: NOON } })
    expect(await waiting.process().apply('p-1')).toBe('waiting')
    await waiting.store.putMarker(GRANT_STOP, 1, { stop: null })
    expect(await waiting.process().apply('p-1')).toBe('applied')
  })

  attack('T53', async () => {
    const mallory = { id: 'U0MALLORY', name: 'mallory' }
    const theirs = configSchema.parse({
      mode: 'approve',
      approvers: { users: [mallory.id] },
      breakGlass: { group: 'S0MALLORY', announceChannel: 'C0MALLORY' },
    })
    const unread = { why: 'it does not parse', lastGoodMs: NOON }
    for (const reason of [null, 'it cannot wait']) {
      const approvals = [{ by: mallory, atMs: NOON, limitHours: 1, reason }]
      const world = await worldWith(approved([IDENTITY_CHANGE], { approvals }))
      world.chat.groups.set('S0MALLORY', { known: true, value: [mallory.id] })
      expect(await world.process(undefined, theirs, unread).apply('p-1')).toBe('waiting')
      expect(await world.process().apply('p-1')).not.toBe('applied')
      expect(world.iam.writes).toEqual([])
    }
    // Under the one that really ran, grants end as ever.
    const world = await reverting()
    expect(await world.process(undefined, CONFIG, unread).revert('p-1')).toBe('reverted')
  })

  attack('T50', async () => {
    const swapped = (restores: boolean) => {
      const [statement] = IDENTITY_CHANGE.after.Statement
      const wider = { ...statement, Effect: 'Allow' as const, Resource: 'arn:aws:iam::111122223333:role/app-admin' }
      const one = { ...IDENTITY_CHANGE, after: { ...IDENTITY_CHANGE.after, Statement: [wider] } }
      const changes = [{ ...one, digest: changeDigest(one) }]
      return {
        patch: { changes, digest: patchDigest(changes) },
        ...(restores ? { restores: { Version: '2012-10-17', Statement: [wider] } } : {}),
      }
    }
    for (const restores of [true, false]) {
      const world = await worldWith(approved([IDENTITY_CHANGE]))
      await put(world, swapped(restores))
      expect(await world.process().apply('p-1')).toBe('failed')
      expect(world.iam.writes).toEqual([])
      expect((await reasons(world))['forged']).toContain('is about another change')
    }
  })

  attack('T55', async () => {
    const world = await worldWith(approved())
    const live = world.process()
    await live.verify('p-1')
    world.iam.refusals.set(keyOf(TRUST_CHANGE.target), { code: 'AccessDenied', message: 'no', retry: false })
    const { denial } = await world.get()
    await put(world, {
      denial: { ...denial, principal: { ...denial.principal, name: 'other' } },
    })
    await live.answer()
    for await (const { entry } of world.log.records())
      if (entry.kind === 'apply-failed') expect(entry).toMatchObject({ principal: null, resource: null, eventIds: [] })
    expect(await trail(world)).toContain('apply-failed')
  })
})
