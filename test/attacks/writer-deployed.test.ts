/**
 * Attacks that need what only a deployment has: versions and delete markers of S3, creation of what is absent, messages in queues, and
 * signatures of KMS. The functions run by their own handlers, on one moto; `writer.test.ts` has the same in memory.
 */
import { createHash } from 'node:crypto'
import { DeleteRolePolicyCommand, GetRolePolicyCommand, IAMClient } from '@aws-sdk/client-iam'
import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { digestOf } from '../../core/base/canonical-json.ts'
import { changeDigest } from '../../core/patch/target.ts'
import { s3Ledger } from '../../functions/adapters/aws/ledger/s3-ledger.ts'
import { kmsClient } from '../../functions/adapters/aws/signing/kms-client.ts'
import { kmsSigner } from '../../functions/adapters/aws/signing/kms-signer.ts'
import { ATTESTATION, type Attestation, decisionsDigest } from '../../functions/domain/authority/checks/grant.ts'
import type { WriteAskOf } from '../../functions/domain/authority/checks/input.ts'
import type { DecisionNow, SignedDecisionNow } from '../../functions/domain/authority/decision.ts'
import { firstSeenKey } from '../../functions/domain/authority/people/first-seen.ts'
import {
  ledgerKey,
  OUTCOME,
  outcomeKey,
  type SignedOutcome,
  type WriteOutcome,
} from '../../functions/domain/authority/spent.ts'
import { decisionBytes, type KeyUse, statementBytes } from '../../functions/domain/authority/statement.ts'
import { approvalsOf } from '../../functions/domain/proposal/proposal.ts'
import type { ObjectLedger } from '../../functions/ports/writing/object-ledger.ts'
import { FAKE_APP, FAKE_TEAM, signRequest } from '../../simulator/slack-requests.ts'
import { BUCKET, SIGNING_SECRET } from '../e2e/cloud-bot.ts'
import { denialOf, MAIN } from '../e2e/ecs-denial.ts'
import { changeWaits } from '../e2e/waits.ts'
import { otherForm } from '../write/other-form.ts'
import { attack } from './attack.ts'
import { ANA, BEN, type Deployed, EVERYTHING, startDeployed } from './deployed.ts'

const READINGS_MS = [1_000, 2_000, 4_000, 5_000, 60_000]
/** Readings are seconds apart, and those of something that was removed a minute: nobody waits for them here. */
changeWaits(ms => (READINGS_MS.includes(ms) ? 0 : ms))

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const CARL = 'U0NEWHERE'
const GROUP = 'S0ONCALL'

type Ask = WriteAskOf<'write'>

let bot: Deployed
let ledger: ObjectLedger
let iam: IAMClient
let sqs: SQSClient
let deployment = ''
let roles = 0

beforeAll(async () => {
  bot = await startDeployed({ approvers: { users: [ANA, BEN], groups: [GROUP] }, limitedGrantHours: 8 })
  await bot.role('orders-task', { Service: 'ecs-tasks.amazonaws.com' })
  ledger = s3Ledger(bot.s3, BUCKET)
  iam = new IAMClient(await bot.moto.clientOf(MAIN))
  sqs = new SQSClient(bot.moto.client)
  deployment = bot.env.DEPLOYMENT_ID
  bot.slack.setDirectory({ groups: { [GROUP]: [] }, users: {} })
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})
afterAll(() => bot?.close())

/** A card for a role that was denied: of a machine, which needs one approval, or of a person, which needs two. */
async function carded(of: 'ci' | 'developer' = 'ci'): Promise<{ readonly id: string; readonly role: string }> {
  roles += 1
  const role = `${of}-e${roles}`
  await bot.role(role, of === 'ci' ? { Service: 'codebuild.amazonaws.com' } : { AWS: `arn:aws:iam::${MAIN}:root` })
  return { id: (await bot.denied(denialOf(role))).id, role }
}

/** Approved and attested. What `verify` asked is taken out of the queue, as somebody who can read it does. */
async function asked(of: 'ci' | 'developer' = 'ci'): Promise<{ readonly ask: Ask; readonly id: string; role: string }> {
  const { id, role } = await carded(of)
  for (const person of of === 'ci' ? [ANA] : [ANA, BEN]) await bot.press(id, person, 'approve')
  expect(await bot.deliver({ kind: 'verify', proposalId: id })).toBe('done')
  const QueueUrl = bot.env.WRITE_QUEUE_URL
  for (;;) {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }))
    if (Messages.length === 0) throw new Error('verify asked nothing')
    for (const { ReceiptHandle } of Messages) await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }))
    const own = Messages.map(({ Body = '' }) => Body).find(body => body.includes(`"${id}"`))
    if (own !== undefined) return { ask: JSON.parse(own), id, role }
  }
}

const send = (ask: object): Promise<string> => bot.deliver(ask, bot.handlers.write)
const resume = (id: string): Promise<string> => send({ schema: 'rolemedic.ask/1', ask: 'resume', proposalId: id })

async function outcomeAt(key: string): Promise<WriteOutcome> {
  const [first] = await ledger.versions(key)
  return (JSON.parse(await ledger.read(key, first?.id ?? '')) as SignedOutcome).statement
}
async function outcomes(): Promise<readonly WriteOutcome[]> {
  const all: WriteOutcome[] = []
  for await (const key of ledger.keys(`outcomes/${deployment}/`)) all.push(await outcomeAt(key))
  return all
}
/** The last outcome of the proposal. */
async function answerOf(id: string): Promise<string> {
  const keys: string[] = []
  for await (const key of ledger.keys(`outcomes/${deployment}/`)) keys.push(key)
  for (const key of keys.reverse()) {
    const { proposalId, result, code } = await outcomeAt(key)
    if (proposalId === id) return `${result} ${code}`
  }
  return 'nothing'
}

/** The grant of a role; null: there is none. */
async function granted(RoleName: string, { ask }: { readonly ask: Ask }): Promise<string | null> {
  const PolicyName = ask.grant.changes[0]?.target.policyName ?? ''
  try {
    return (await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName }))).PolicyDocument ?? null
  } catch {
    return null
  }
}

/** `write` answers each of these, and nothing in IAM changes. */
async function refused(id: string, ...asks: readonly object[]): Promise<readonly string[]> {
  const answers: string[] = []
  await bot.refuses(async () => {
    for (const ask of asks) {
      await send(ask)
      answers.push(await answerOf(id))
    }
  })
  await bot.answer()
  return answers
}

const put = (Key: string, Body: string) =>
  bot.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body, ContentMD5: md5(Body) }))
const hide = (Key: string) => bot.s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key }))
const md5 = (text: string): string => createHash('md5').update(text).digest('base64')

const keyArn = (use: KeyUse): string =>
  ({
    decisions: bot.env.DECISIONS_KEY_ARN,
    attestations: bot.env.ATTESTATIONS_KEY_ARN,
    outcomes: bot.env.OUTCOMES_KEY_ARN,
    enrollments: bot.env.ENROLLMENTS_KEY_ARN,
    audit: '',
  })[use]
const signedBy = (use: KeyUse, bytes: Buffer) => kmsSigner(kmsClient(), use, keyArn(use)).sign(bytes)

type Facts = {
  readonly decisions?: readonly Partial<DecisionNow>[]
  readonly attestation?: Partial<Attestation>
  readonly changes?: Ask['grant']['changes']
  readonly by?: { readonly decisions?: KeyUse; readonly attestation?: KeyUse }
}

/** The same grant with other facts, signed by the deployed keys: what somebody who holds `decide` and `verify` can make. */
async function made({ grant, ...ask }: Ask, facts: Facts): Promise<Ask> {
  const { changes = grant.changes, by = {} } = facts
  const [base] = grant.decisions
  if (base === undefined) throw new Error('no decision')
  const patchDigest = digestOf(changes.map(changeDigest))
  const decisions: SignedDecisionNow[] = []
  for (const fact of facts.decisions ?? [{}]) {
    const decision = { ...base.decision, patchDigest, ...fact }
    decisions.push({ decision, signature: await signedBy(by.decisions ?? 'decisions', decisionBytes(decision)) })
  }
  const statement: Attestation = {
    ...grant.attestation.statement,
    ...{ patchDigest, decisions: decisionsDigest(decisions.map(({ decision }) => decision)) },
    ...facts.attestation,
  }
  const signature = await signedBy(by.attestation ?? 'attestations', statementBytes(ATTESTATION, statement))
  return { ...ask, grant: { decisions, attestation: { statement, signature }, changes } }
}

/** From the object with this key on, the process reaches S3 no more: as if it had died there. */
async function killedAfter(key: string, ask: object): Promise<void> {
  const original = S3Client.prototype.send as (...args: unknown[]) => Promise<unknown>
  let isDead = false
  const dying = vi.spyOn(S3Client.prototype, 'send').mockImplementation(async function (
    this: S3Client,
    ...args: unknown[]
  ) {
    if (isDead) throw new Error('killed')
    const answer = await original.apply(this, args)
    const [command] = args
    isDead = command instanceof PutObjectCommand && command.input.Key === key
    return answer as never
  } as never)
  expect(await send(ask)).toMatch(/^failed/)
  dying.mockRestore()
  expect(isDead).toBe(true)
}

describe('somebody who sends to the queue of `write`', () => {
  attack('D1', async () => {
    const { ask, id, role } = await asked()
    const before = await bot.stored(id)
    await send(ask)
    await bot.answer()
    expect(await granted(role, { ask })).not.toBeNull()
    await bot.press(id, ANA, 'revert')
    await bot.work()
    expect(await granted(role, { ask })).toBeNull()
    const [first] = ask.grant.decisions
    if (first === undefined) throw new Error('no decision')
    const flipped = { ...first, signature: { ...first.signature, value: otherForm(first.signature.value) } }
    const other = { ...ask, grant: { ...ask.grant, decisions: [flipped] } }
    const again = { schema: 'rolemedic.ask/1', ask: 'resume', proposalId: id }
    expect(await refused(id, ask, other, again)).toEqual(['refused closed', 'refused closed', 'refused closed'])
    // The original attack: an object in the way of the log's next record, and the item as it was.
    await put(`audit/${String((await count(bot.log.records())) + 1).padStart(12, '0')}.json`, '{}')
    await bot.put({ ...before, version: (await bot.stored(id)).version })
    await bot.refuses(() => bot.apply(id).catch(String))
    expect((await bot.stored(id)).status).not.toBe('applied')
  })

  attack('D2', async () => {
    const { ask, id, role } = await asked('developer')
    const { decisions } = ask.grant
    expect(decisions).toHaveLength(2)
    const one = { ...ask, grant: { ...ask.grant, decisions: decisions.slice(0, 1) } }
    expect(await refused(id, one)).toEqual(['refused other-decisions'])
    await send(ask)
    const written = (await outcomes()).length
    expect([await answerOf(id), await granted(role, { ask })]).toEqual(['written null', expect.any(String)])
    const permuted = { ...ask, grant: { ...ask.grant, decisions: decisions.toReversed() } }
    await refused(id, permuted, ask)
    // The same answer once more, and no other.
    expect(await outcomes()).toHaveLength(written)
    expect(await ledger.versions(ledgerKey('spent', deployment, id))).toHaveLength(1)
  })

  attack('D3', async () => {
    const { ask, id } = await asked()
    await killedAfter(ledgerKey('spent', deployment, id), ask)
    await hide(ledgerKey('spent', deployment, id))
    const again = { schema: 'rolemedic.ask/1', ask: 'resume', proposalId: id }
    expect(await refused(id, ask, again)).toEqual(['refused spent-foreign', 'refused spent-foreign'])

    const foreign = await asked()
    await put(ledgerKey('spent', deployment, foreign.id), '{}')
    expect(await refused(foreign.id, foreign.ask)).toEqual(['refused spent-foreign'])
  })

  attack('D4', async () => {
    const { ask, id } = await asked()
    await put(ledgerKey('rejected', deployment, id), '{}')
    await hide(ledgerKey('rejected', deployment, id))
    expect(await refused(id, ask)).toEqual(['refused rejected'])
  })

  attack('D5', async () => {
    const { ask, id } = await asked()
    const before = (await outcomes()).length
    await bot.refuses(async () => {
      for (const odd of [
        { ...ask, schema: 'rolemedic.ask/2' },
        { ...ask, ask: 'apply' },
        { kind: 'apply', proposalId: id },
      ])
        await send(odd)
    })
    expect(await outcomes()).toHaveLength(before)
    const ahead = await made(ask, { attestation: { configDigest: `sha256:${'e'.repeat(64)}` } })
    expect(await refused(id, ahead)).toEqual(['again other-configuration'])
    expect(await ledger.versions(ledgerKey('spent', deployment, id))).toEqual([])
  })
})

describe('a write that died in the middle', () => {
  attack('D6', async () => {
    const { ask, id, role } = await asked()
    await killedAfter(`written/${deployment}/${id}/0`, ask)
    expect(await granted(role, { ask })).not.toBeNull()
    const PolicyName = ask.grant.changes[0]?.target.policyName ?? ''
    await iam.send(new DeleteRolePolicyCommand({ RoleName: role, PolicyName }))
    await bot.refuses(() => resume(id))
    expect(await answerOf(id)).toBe('undone removed')
    await bot.answer()
  })

  async function resumedAfter(lateMs: number, endMs: number | null, answer: string): Promise<void> {
    const first = await asked()
    const endsAtMs = endMs === null ? null : Date.now() + endMs
    const ask = endsAtMs === null ? first.ask : await made(first.ask, { decisions: [{ endsAtMs }] })
    await killedAfter(ledgerKey('spent', deployment, first.id), ask)
    vi.setSystemTime(Date.now() + lateMs)
    await bot.refuses(() => resume(first.id))
    expect(await answerOf(first.id)).toBe(answer)
    vi.useRealTimers()
    await bot.answer()
  }
  attack('D7', () => resumedAfter(31 * MINUTE, null, 'undone resume-too-late'))
  attack('D8', () => resumedAfter(24 * HOUR, null, 'undone resume-too-late'))
  attack('D9', () => resumedAfter(11 * MINUTE, 10 * MINUTE, 'undone limit-over'))

  it('goes on within half an hour: the attacks above stop for their own reasons', async () => {
    const { ask, id, role } = await asked()
    await killedAfter(ledgerKey('spent', deployment, id), ask)
    expect(await granted(role, { ask })).toBeNull()
    await resume(id)
    expect(await answerOf(id)).toBe('written null')
    expect(await granted(role, { ask })).not.toBeNull()
    await bot.answer()
  })
})

describe('somebody who holds the key of `verify`, or of `decide` and `verify`', () => {
  attack('D10', async () => {
    const { ask, id, role } = await asked()
    const [own] = ask.grant.changes
    if (own === undefined) throw new Error('no change')
    const everything = [{ ...own, after: EVERYTHING }]
    const [base] = ask.grant.decisions
    if (base === undefined) throw new Error('no decision')
    const { by } = base.decision
    const { memberSinceMs: _, ...unknown } = by
    const high = { risk: 'high', approversNeeded: 2 } as const
    const second = { ...by, userId: BEN, name: 'Ben', email: 'ben@example.com' }
    const twice = [
      { ...high, by: { ...by, email: 'ana@example.com' } },
      { ...high, by: { ...second, email: 'ANA@example.com' } },
    ]
    const tries: readonly (readonly [string, Facts])[] = [
      ['refused forged', { by: { decisions: 'attestations' } }],
      ['refused forged', { by: { decisions: 'outcomes' } }],
      ['refused forged', { by: { attestation: 'decisions' } }],
      ['refused outside-grammar', { changes: everything }],
      ['refused risk-grew', { attestation: { risk: 'high' } }],
      ['refused not-enough-approvals', { attestation: { approversNeeded: 2 } }],
      ['refused risk-grew', { attestation: { findings: ['something-new'] } }],
      [
        'refused not-enough-approvals',
        { decisions: [{ requester: { kind: 'unknown', why: 'a source identity', claimed: ANA } }] },
      ],
      ['refused not-enough-approvals', { attestation: { requesters: [ANA] } }],
      ['refused not-enough-approvals', { decisions: twice, attestation: high }],
      [
        'refused not-enough-approvals',
        {
          decisions: [
            { ...high, by },
            { ...high, by: { ...second, memberSinceMs: Date.now() - HOUR } },
          ],
          attestation: high,
        },
      ],
      [
        'refused not-enough-approvals',
        { decisions: [{ risk: 'elevated', by: unknown }], attestation: { risk: 'elevated' } },
      ],
      ['refused from-the-future', { attestation: { atMs: Date.now() + 30 * MINUTE } }],
      ['refused other-deployment', { attestation: { deploymentId: 'aaaaaaaa-0000' } }],
    ]
    const asks: Ask[] = []
    for (const [, facts] of tries) asks.push(await made(ask, facts))
    const answers = await refused(id, ...asks)
    expect(tries.map(([, facts], index) => [answers[index], JSON.stringify(facts)])).toEqual(
      tries.map(([answer, facts]) => [answer, JSON.stringify(facts)]),
    )
    // Of `verify` alone: what people signed, and other documents.
    expect(await refused(id, { ...ask, grant: { ...ask.grant, changes: everything } })).toEqual([
      'refused other-change',
    ])
    // Kept for later, it is looked at again, and after a day approved again.
    vi.setSystemTime(Date.now() + 11 * MINUTE)
    expect(await refused(id, ask)).toEqual(['again attestation-old'])
    vi.setSystemTime(Date.now() + 25 * HOUR)
    expect(await refused(id, await made(ask, { attestation: { atMs: Date.now() } }))).toEqual([
      'refused approval-too-old',
    ])
    vi.useRealTimers()
    expect(await ledger.versions(ledgerKey('spent', deployment, id))).toEqual([])
    expect(await granted(role, { ask })).toBeNull()
  })
})

describe('somebody who sends to `verify` what `write` is to have answered', () => {
  attack('D11', async () => {
    const { ask, id, role } = await asked()
    await send(ask)
    await bot.answer()
    const standing = await bot.stored(id)
    expect(standing.status).toBe('applied')
    const all = await outcomes()
    const [last] = all.slice(-1)
    if (last === undefined) throw new Error('no outcome')
    const number = last.number + 1
    const ended = { ...last, number, ask: 'take-away', result: 'taken-away', why: 'Nothing of it is left.' } as const
    const signature = await signedBy('attestations', statementBytes(OUTCOME, ended))
    await put(outcomeKey(deployment, number), JSON.stringify({ statement: ended, signature }))
    for (const one of [number, 1, number + 7]) await bot.deliver({ kind: 'outcome', proposalId: id, number: one })
    expect((await bot.stored(id)).status).toBe('applied')
    expect((await bot.records(id)).map(({ kind }) => kind)).not.toContain('reverted')
    expect(await granted(role, { ask })).not.toBeNull()

    // The foreign object stops nobody: Revert works, and the old "written" does not come back.
    await bot.press(id, ANA, 'revert')
    await bot.work()
    expect((await bot.stored(id)).status).toBe('reverted')
    await bot.deliver({ kind: 'outcome', proposalId: id, number: last.number })
    expect((await bot.stored(id)).status).toBe('reverted')
  })
})

describe('an account that was just added to the approver group', () => {
  const added = async (): Promise<number> => {
    const body = JSON.stringify({
      ...{ team_id: FAKE_TEAM, api_app_id: FAKE_APP, type: 'event_callback', event_id: 'Ev0ADDED' },
      event: { type: 'subteam_members_changed', subteam_id: GROUP, team_id: FAKE_TEAM, added_users: [CARL] },
    })
    const request = {
      ...signRequest(body, SIGNING_SECRET, Date.now()),
      isBase64Encoded: false,
      requestContext: { timeEpoch: Date.now() },
    }
    return (await bot.handlers.decide(request as unknown as APIGatewayProxyEventV2)).statusCode ?? 0
  }

  attack('D12', async () => {
    const { id } = await carded('developer')
    const risky = await bot.stored(id)
    // The item says a higher risk: the decision signs it, and from then on people count by it.
    await bot.put({ ...risky, verification: { ...risky.verification, risk: 'elevated' } })
    await bot.press(id, ANA, 'approve')
    expect([await added(), await added()]).toEqual([200, 200])
    expect(bot.slack.messages().filter(({ text }) => text.includes('added to a group of approvers'))).toHaveLength(1)
    // Slack's answer was cached before.
    bot.slack.setDirectory({ groups: { [GROUP]: [CARL] }, users: {} })
    const [first, own] = [firstSeenKey(deployment, GROUP, null), firstSeenKey(deployment, GROUP, CARL)]
    expect(await ledger.versions(own)).toHaveLength(1)
    await hide(first)
    await hide(own)
    await put(own, '{}')
    vi.spyOn(performance, 'now').mockReturnValue(performance.now() + HOUR)
    await bot.press(id, CARL, 'approve')
    const now = await bot.stored(id)
    expect(now.status).toBe('open')
    const signed = approvalsOf(now).map(
      one => one.signed?.decision.by as { userId: string; memberSinceMs?: number | null },
    )
    expect(signed).toMatchObject([
      { userId: ANA, memberSinceMs: null },
      { userId: CARL, memberSinceMs: expect.any(Number) },
    ])
  })
})

async function count(items: AsyncIterable<unknown>): Promise<number> {
  let all = 0
  for await (const _ of items) all += 1
  return all
}
