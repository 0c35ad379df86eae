import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { known } from '../../core/base/fact.ts'
import { asPlainText } from '../../core/base/rich-text.ts'
import type { PolicyDocument, Statement } from '../../core/iam/policy/policy-document.ts'
import { readingDigest } from '../../core/timeline/index.ts'
import { buttons } from '../../functions/domain/card/buttons.ts'
import { changedLine, lostStatements, whatChangedLines } from '../../functions/domain/card/sentences/changed-line.ts'
import { decide, type Eligibility, offeredRestore } from '../../functions/domain/proposal/approval-policy.ts'
import type { Click } from '../../functions/domain/proposal/click.ts'
import type { EventHistory } from '../../functions/ports/event-history.ts'
import type { Lookups } from '../../functions/workflows/denial/lookups.ts'
import { readVersions } from '../../functions/workflows/denial/seen-versions.ts'
import { namesOf, readWrites } from '../../functions/workflows/denial/seen-writes.ts'
import { whatChangedIn } from '../../functions/workflows/denial/what-changed.ts'
import { asProposed } from '../../functions/workflows/deploy/analyze-bundle.ts'
import { CONFIG } from '../fakes/memory-bot.ts'
import { APPROVE, inStatus, MINUTE } from '../fakes/sample-proposal.ts'
import { at, bench, DENIAL, DENIED_AT, folder, folderForEachTest, type Json, POSTED } from './look-fixture.ts'

folderForEachTest()

const HOUR = 60 * MINUTE
const ACCOUNT = JSON.parse(readFileSync(new URL('../../events/accounts/orders-dev.json', import.meta.url), 'utf8')) as {
  readonly RoleDetailList: readonly { RoleName: string; RolePolicyList: { PolicyDocument: PolicyDocument }[] }[]
}
/** As it is read now: it passes the execution role alone. */
const NOW = ACCOUNT.RoleDetailList.find(({ RoleName }) => RoleName === 'pipeline-deploy')?.RolePolicyList[0]
  ?.PolicyDocument
if (NOW === undefined) throw new Error('the sample has no policy')

const LOST: Statement = {
  Sid: 'PassTaskRole',
  Effect: 'Allow',
  Action: 'iam:PassRole',
  Resource: 'arn:aws:iam::111122223333:role/app/orders-task',
  Condition: {
    StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com', 'aws:PrincipalAccount': '111122223333' },
  },
}

const ELIGIBLE: Eligibility = {
  ...{ memberSinceMs: null, membership: known({ kind: 'member' }), approver: known(true), breakGlass: known(false) },
  ...{ requester: { kind: 'machine' }, lapsed: [], limitedGrantHours: 8, bridgeHours: 72, mode: APPROVE },
  permanent: { people: 'two-approvers', machines: 'always' },
}

let events = 0
function write(
  eventName: string,
  ageMs: number,
  parameters: Json,
  by = 'assumed-role/terraform/terraform-run-9f',
): Json {
  events += 1
  const isSession = by.startsWith('assumed-role/')
  return {
    ...{ eventVersion: '1.11', eventID: `write-${events}`, eventTime: at(DENIED_AT - ageMs), awsRegion: 'us-east-1' },
    ...{ eventSource: 'iam.amazonaws.com', eventName, recipientAccountId: '111122223333' },
    userIdentity: {
      type: isSession ? 'AssumedRole' : 'IAMUser',
      arn: `arn:aws:${isSession ? 'sts' : 'iam'}::111122223333:${by}`,
      accountId: '111122223333',
    },
    requestParameters: parameters,
  }
}
const put = (ageMs: number, statements: readonly Statement[], by?: string) =>
  write(
    'PutRolePolicy',
    ageMs,
    {
      ...{ roleName: 'pipeline-deploy', policyName: 'deploy' },
      policyDocument: JSON.stringify({ ...NOW, Statement: [...NOW.Statement, ...statements] }),
    },
    by,
  )

/** It could, until the policy was replaced an hour before the denial. */
const REMOVED = (lost: readonly Statement[] = [LOST]) => [put(5 * HOUR, lost, 'user/ada'), put(HOUR, [])]

async function lookedAt(minutes: number, records: readonly Json[], ...more: readonly unknown[]) {
  const [writes] = more as ['read' | 'refused' | undefined]
  const world = await bench(records, 'lacking', writes)
  world.bot.setNow(POSTED + minutes * MINUTE)
  const outcome = await world.ask()
  return { ...world, outcome, open: inStatus(await world.stored(), 'open') }
}

const line = (proposal: Parameters<typeof changedLine>[0]) => {
  const text = changedLine(proposal)
  return text === null ? null : asPlainText(text)
}

describe('a card whose permission somebody took away', () => {
  it('says until when it worked and which write ended that, first as far as CloudTrail shows', async () => {
    const { outcome, open, bot } = await lookedAt(2, REMOVED())
    expect(outcome).toBe('changed')
    expect(line(open)).toBe(
      'Worked until 2026-11-24 01:47 UTC: terraform-run-9f replaced inline policy deploy of pipeline-deploy, as CloudTrail shows by 2026-11-24 02:51 UTC.',
    )
    expect(bot.chat.posts.filter(({ key }) => key.includes('/changed-'))).toHaveLength(1)
  })

  it('says so without a reserve once no record can be late, and posts no second reply', async () => {
    const { ask, bot, stored } = await lookedAt(2, REMOVED())
    bot.setNow(POSTED + 16 * MINUTE)
    expect(await ask()).toBe('changed')
    const open = inStatus(await stored(), 'open')
    expect(line(open)).toBe(
      'Worked until 2026-11-24 01:47 UTC: terraform-run-9f replaced inline policy deploy of pipeline-deploy.',
    )
    expect(bot.chat.posts.filter(({ key }) => key.includes('/changed-'))).toHaveLength(1)
    expect(lostStatements(open)).toContain('PassTaskRole')
  })

  it('names a later write that came late in place of the one before', async () => {
    const { ask, bot, local, stored } = await lookedAt(2, REMOVED())
    local.add([put(30 * MINUTE, [LOST], 'user/ada'), put(20 * MINUTE, [], 'user/mallory')])
    bot.setNow(POSTED + 16 * MINUTE)
    await ask()
    const open = inStatus(await stored(), 'open')
    expect(line(open)).toContain('mallory replaced inline policy deploy')
    expect(bot.chat.posts.filter(({ key }) => key.includes('/changed-'))).toHaveLength(2)
    expect(whatChangedLines(open).map(asPlainText)[0]).toBe(
      "This takes the place of what was said here before: CloudTrail's history shows more by now.",
    )
  })

  it('takes a name back, in the thread too, where somebody changed the account by what no record shows yet', async () => {
    const { ask, bot, changeUnseen, stored } = await lookedAt(2, REMOVED())
    // A deny that stood all the time is deleted, so that the policies are others than when the card was made.
    changeUnseen(caller => {
      const list = caller.RolePolicyList as { PolicyName: string }[]
      caller.RolePolicyList = [...list, { PolicyName: 'more', PolicyDocument: NOW } as object]
    })
    bot.setNow(POSTED + 16 * MINUTE)
    expect(await ask()).toBe('changed')
    const open = inStatus(await stored(), 'open')
    expect(open.whatChanged).toMatchObject({ outcome: 'not-proved', why: expect.stringContaining('may be missing') })
    expect(line(open)).toBeNull()
    expect(open.restore).toBeUndefined()
    expect(bot.chat.posts.filter(({ key }) => key.includes('/changed-'))).toHaveLength(2)
    expect(whatChangedLines(open).map(asPlainText)[0]).toContain('takes the place of what was said here before')
  })

  it('takes a name back where the policies that are read later allow the call', async () => {
    const { ask, bot, changeUnseen, stored } = await lookedAt(2, REMOVED())
    changeUnseen(caller => {
      const document = {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: 'iam:PassRole', Resource: '*' }],
      }
      caller.RolePolicyList = [...(caller.RolePolicyList ?? []), { PolicyName: 'more', PolicyDocument: document }]
    })
    bot.setNow(POSTED + 16 * MINUTE)
    expect(await ask()).toBe('changed')
    expect(inStatus(await stored(), 'open').whatChanged?.outcome).toBe('not-proved')
  })
})

describe('a crash at any call of the look', () => {
  it('leaves a card that the next look or sweep completes, with one reply', async () => {
    for (let call = 1; ; call += 1) {
      const world = await bench(REMOVED(), 'lacking')
      world.bot.setNow(POSTED + 16 * MINUTE)
      const killed = await world.killedAt(call)
      await world.ask()
      world.bot.setNow(POSTED + 19 * MINUTE)
      await world.sweep()
      expect(line(inStatus(await world.stored(), 'open'))).toContain('terraform-run-9f replaced inline policy deploy')
      expect(world.bot.chat.posts.filter(({ key }) => key.includes('/changed-'))).toHaveLength(1)
      rmSync(join(folder, 'history.jsonl'))
      if (!killed) {
        expect(call).toBeGreaterThan(20)
        break
      }
    }
  })
})

const lookupsOf = (history: Pick<EventHistory, 'search'>): Lookups => ({
  left: async () => 8,
  async ask(place, by, window) {
    const read = await history.search(place, by, window, { maxRequests: 1 })
    if (!read.known) throw new Error(read.why)
    return { kind: 'read', isTorn: false, ...read.value }
  },
})

const policyArn = (at: number) => `arn:aws:iam::111122223333:policy/release-${at}`
/** Attached to the caller, with versions v1, v2 … of these statements; the last one is in force. */
const attached =
  (versions: readonly (readonly Statement[])[], policies = 1) =>
  (caller: { AttachedManagedPolicies?: object[] }, account: object) => {
    const all = Array.from({ length: policies }, (_, at) => policyArn(at))
    caller.AttachedManagedPolicies = all.map(PolicyArn => ({ PolicyArn, PolicyName: PolicyArn.slice(-9) }))
    Object.assign(account, {
      Policies: all.map(Arn => ({
        ...{ Arn, PolicyName: Arn.slice(-9), DefaultVersionId: `v${versions.length}` },
        PolicyVersionList: versions.map((Statement, at) => ({
          ...{ VersionId: `v${at + 1}`, IsDefaultVersion: at + 1 === versions.length },
          Document: { Version: '2012-10-17', Statement },
        })),
      })),
    })
  }
const NOTHING: readonly Statement[] = [{ Effect: 'Allow', Action: 's3:GetObject', Resource: '*' }]
const newVersion = (versionId: string, at = 0): Json => ({
  ...write('CreatePolicyVersion', HOUR, {
    ...{ policyArn: policyArn(at), setAsDefault: true },
    policyDocument: JSON.stringify({ Version: '2012-10-17', Statement: NOTHING }),
  }),
  responseElements: { policyVersion: { versionId, isDefaultVersion: true } },
})

describe('a managed policy of which somebody made another version', () => {
  const world = (change = attached([[LOST], NOTHING]), made = 'v2') =>
    bench([newVersion(made)], 'lacking', 'read', change)
  const openAfter = async ({ bot, ask, stored }: Awaited<ReturnType<typeof world>>, minutes: number) => {
    bot.setNow(POSTED + minutes * MINUTE)
    await ask()
    return inStatus(await stored(), 'open')
  }

  it('is named, with what the version before allowed, and proved by versions that no late record can have changed', async () => {
    const one = await world()
    // The requests that are left are for the last look.
    const first = await openAfter(one, 2)
    expect(first.whatChanged).toBeUndefined()
    expect(first.versions?.readAtMs).toBe(POSTED + 2 * MINUTE)
    const last = await openAfter(one, 18)
    expect(last.whatChanged).toMatchObject({
      ...{ outcome: 'found', isFinal: true, write: { eventName: 'CreatePolicyVersion', target: policyArn(0) } },
      lost: { Statement: [LOST] },
    })
    expect(line(last)).not.toContain('as CloudTrail shows by')
    expect(last.restore?.kind).toBe('offered')
    expect(one.versionsRead).toEqual([policyArn(0)])
  })

  it('is not named by a look that reads the versions for the first time when nothing corrects it afterwards', async () => {
    expect((await openAfter(await world(), 18)).whatChanged).toMatchObject({
      ...{ outcome: 'not-proved', why: expect.stringContaining('may be missing') },
    })
  })

  it('is withdrawn where a version is gone that was there, which no record shows yet', async () => {
    const one = await world(attached([[LOST], [LOST], NOTHING]), 'v3')
    const before = attached([[LOST], [LOST], NOTHING])
    await openAfter(one, 2)
    one.changeUnseen((caller, account) => {
      before(caller, account)
      const [policy] = (account as { Policies: { PolicyVersionList: object[] }[] }).Policies
      policy?.PolicyVersionList.shift()
    })
    expect((await openAfter(one, 18)).whatChanged).toMatchObject({ outcome: 'not-proved' })
  })

  it.each([
    ['refused', 'iam:ListPolicyVersions was refused'],
    ['unreachable', 'the versions of policies could not be read: Error: no route'],
  ] as const)('is not named where the versions are %s, and the thread says why', async (how, why) => {
    const one = await world()
    one.answerVersions(how)
    expect((await openAfter(one, 2)).whatChanged).toBeUndefined()
    expect((await openAfter(one, 18)).whatChanged).toMatchObject({ outcome: 'not-proved', why })
  })

  it('is not named where so many policies were written that their versions are too many to read', async () => {
    const records = [0, 1, 2, 3].map(at => newVersion('v2', at))
    const { history, policyVersions, versionsRead } = await bench(
      records,
      'lacking',
      'read',
      attached([[LOST], NOTHING]),
    )
    const names = [0, 1, 2, 3].map(at => ({ accountId: '111122223333', name: policyArn(at) }))
    const placed = { ...DENIAL, timeMs: DENIED_AT, accountId: '111122223333', region: 'eu-west-1' }
    const seen = await readWrites(placed, names, { fromMs: DENIED_AT - 90 * HOUR, toMs: POSTED }, lookupsOf(history))
    expect((await readVersions(seen, { policyVersions }))?.unread).toBe(
      'the versions of 4 policies are too many to read',
    )
    expect(versionsRead).toEqual([])
    const three = { ...seen, names: seen.names.slice(1) }
    expect((await readVersions(three, { policyVersions }))?.unread).toBeNull()
  })

  it('reads no version where the history itself has the document before', async () => {
    const { versionsRead, open } = await lookedAt(18, REMOVED())
    expect(open.whatChanged?.outcome).toBe('found')
    expect(versionsRead).toEqual([])
  })
})

describe('no write is named', () => {
  it.each<readonly [string, readonly Json[], string]>([
    ['where nothing ever allowed it', [], 'never-allowed'],
    ['where the document before a write is nowhere', [put(5 * HOUR, [])], 'not-proved'],
    [
      'where the parameters of a write are omitted',
      [put(5 * HOUR, [LOST]), { ...put(HOUR, []), requestParameters: { omitted: true } }],
      'not-proved',
    ],
    ['where the policies differ from what was written last', [put(5 * HOUR, []), put(HOUR, [LOST])], 'not-proved'],
    [
      'for the write of another account',
      REMOVED().map(one => ({ ...one, recipientAccountId: '444455556666' })),
      'never-allowed',
    ],
    ['for writes that were refused', REMOVED().map(one => ({ ...one, errorCode: 'AccessDenied' })), 'never-allowed'],
  ])('%s', async (_, records, expected) => {
    const { open } = await lookedAt(16, records)
    expect(open.whatChanged?.outcome).toBe(expected)
    expect(line(open)).toBeNull()
    expect(whatChangedLines(open).length).toBeGreaterThan(0)
  })

  it('where the history does not answer, which the thread says', async () => {
    const { open } = await lookedAt(16, REMOVED(), 'refused')
    expect(open.whatChanged).toMatchObject({
      outcome: 'not-proved',
      why: 'the event history of account 111122223333 could not be read: refused',
    })
  })

  it('where fewer requests are left than policies of the caller, of which then none is asked for', async () => {
    const policies = Array.from({ length: 6 }, (_, at) => `arn:aws:iam::111122223333:policy/p${at}`)
    const world = await bench(REMOVED(), 'lacking', 'read', (caller, account) => {
      const document = {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: '*' }],
      }
      caller.AttachedManagedPolicies = policies.map(PolicyArn => ({ PolicyArn, PolicyName: PolicyArn.slice(-2) }))
      Object.assign(account, {
        Policies: policies.map(Arn => ({
          ...{ Arn, PolicyName: Arn.slice(-2), DefaultVersionId: 'v1' },
          PolicyVersionList: [{ VersionId: 'v1', IsDefaultVersion: true, Document: document }],
        })),
      })
    })
    world.bot.setNow(POSTED + 16 * MINUTE)
    await world.ask()
    expect(inStatus(await world.stored(), 'open').whatChanged).toMatchObject({
      outcome: 'not-proved',
      why: 'the writes on arn:aws:iam::111122223333:policy/p0 and 5 more names were not asked for: one denial may ask the event history 8 times',
    })
    expect(world.requests.filter(request => request.includes('policy/p'))).toEqual([])
  })

  it('before the last look, and nothing is said yet', async () => {
    const { open, outcome } = await lookedAt(2, [])
    expect(outcome).toBe('not-seen')
    expect(open.whatChanged).toBeUndefined()
  })
})

describe('a policy of the organization that denies the call', () => {
  it('is named by no write, as these are in the management account, and the thread says so', async () => {
    const { deps, history } = await bench([], 'allowing')
    const { snapshot } = await deps.analyze(DENIAL, POSTED)
    const document: PolicyDocument = {
      ...{ Version: '2012-10-17', Statement: [{ Effect: 'Deny', Action: 'iam:PassRole', Resource: '*' }] },
    }
    const scp = { type: 'scp' as const, name: 'no-pass', arn: null, attachedTo: 'r-ab12', document }
    const scps = known([{ id: 'r-ab12', policies: [scp] }])
    const placed = { ...DENIAL, timeMs: DENIED_AT, accountId: '111122223333', region: 'eu-west-1' }
    const window = { fromMs: DENIED_AT - 90 * HOUR, toMs: POSTED + 18 * MINUTE }
    const seen = await readWrites(placed, namesOf(placed), window, lookupsOf(history))
    const look = { nowMs: window.toMs, card: { createdAtMs: POSTED, reading: readingDigest(snapshot) }, isLast: true }
    const why =
      'the trail has no record of the management account 999999999999 in us-east-1, where Organizations’ own writes are'
    expect(whatChangedIn(placed, { ...snapshot, scps }, seen, { ...look, versions: null })).toMatchObject({
      ...{ outcome: 'not-proved', why },
    })
    expect(whatChangedIn(placed, snapshot, seen, { ...look, versions: null })).toBeNull()
  })
})

describe('to restore exactly what was lost', () => {
  const offer = async (lost: Statement) => (await lookedAt(16, REMOVED([lost]))).open

  it('is a second choice with the same proof', async () => {
    const open = await offer(LOST)
    if (open.restore?.kind !== 'offered') throw new Error(open.restore?.why)
    const [change] = open.restore.change.patch.changes
    const added = change?.after.Statement.at(-1)
    expect(added).toEqual({ ...LOST, Sid: added?.Sid })
    expect(added?.Sid).toMatch(/^Rolemedic/)
    expect(open.restore.change.verification.proof).toEqual({ outcome: 'nothing-else', detail: null })
    const shown = buttons(open, { config: CONFIG, mode: APPROVE }, POSTED + 17 * MINUTE)
    expect(shown.find(({ action }) => action === 'approve-restore')).toMatchObject({
      label: 'Restore what was lost, no end',
      value: `p-1:${open.restore.change.patch.digest}@0`,
    })
  })

  it.each<readonly [string, Statement, RegExp]>([
    [
      'every service',
      { ...LOST, Condition: { StringEquals: { 'aws:PrincipalAccount': '111122223333' } } },
      /more than one service/,
    ],
    [
      'another role too',
      { ...LOST, Resource: [LOST.Resource as string, 'arn:aws:iam::111122223333:role/app/billing'] },
      /opens nothing else/,
    ],
    [
      'a pattern of roles',
      { ...LOST, Resource: 'arn:aws:iam::111122223333:role/app/*' },
      /allows more than this denial needs/,
    ],
    ['another action too', { ...LOST, Action: ['iam:PassRole', 's3:PutObject'] }, /s3:PutObject|role actions|actions/],
  ])('is not offered where it opens %s, and the thread says why', async (_, lost, why) => {
    const open = await offer(lost)
    expect(open.restore).toMatchObject({ kind: 'not-offered', why: expect.stringMatching(why) })
    expect(whatChangedLines(open).map(asPlainText).join('\n')).toMatch(why)
    expect(buttons(open, { config: CONFIG, mode: APPROVE }, POSTED).map(({ action }) => action)).not.toContain(
      'approve-restore',
    )
  })
})

describe('a person who takes what was lost', () => {
  const BEN = { id: 'U0ONCALL2', name: 'ben' }
  const pressed = async () => {
    const { open } = await lookedAt(16, REMOVED())
    const choice = offeredRestore(open)
    if (choice === null) throw new Error('nothing is offered')
    const { digest } = choice.change.patch
    const press: Click = { action: 'approve-restore', by: BEN, proposalId: 'p-1', digest, reason: null }
    return {
      open,
      digest,
      decide: (changed: Partial<Click> = {}) => decide(open, { ...press, ...changed }, ELIGIBLE, POSTED + 17 * MINUTE),
    }
  }

  it('approves exactly that change, and the approval of the smallest one does not count for it', async () => {
    const { decide, digest, open } = await pressed()
    const decision = decide()
    if (decision.kind !== 'approved') throw new Error('it was refused')
    expect(open.approvals).toHaveLength(1)
    expect(decision.next).toMatchObject({
      patch: { digest },
      approvals: [{ by: BEN }],
      restores: { Statement: [LOST] },
      changed: { because: 'restore', dropped: [{ id: 'U0ONCALL1' }] },
    })
    expect(decision.next.restore).toBeUndefined()
  })

  it('is refused with the digest of the smallest change, and the button of that one with the digest of the other', async () => {
    const { decide, digest, open } = await pressed()
    expect(decide({ digest: open.patch.digest })).toMatchObject({ kind: 'refused', refusal: { code: 'old-card' } })
    expect(decide({ action: 'approve', digest })).toMatchObject({ kind: 'refused', refusal: { code: 'old-card' } })
  })

  it('is drafted again from what was lost by the check before the write, to the same digest', async () => {
    const { decide, digest } = await pressed()
    const decision = decide()
    if (decision.kind !== 'approved') throw new Error('it was refused')
    const { deps } = await lookedAt(16, [])
    const again = await deps.analyze(DENIAL, POSTED + 18 * MINUTE, asProposed(decision.next))
    expect(again.verified?.patch.digest).toBe(digest)
    const swapped = await deps.analyze(
      DENIAL,
      POSTED + 18 * MINUTE,
      asProposed({ ...decision.next, restores: undefined } as never),
    )
    expect(swapped.verified?.patch.digest).not.toBe(digest)
  })
})
