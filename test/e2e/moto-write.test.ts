import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  AttachRolePolicyCommand,
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
  ListPolicyVersionsCommand,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam'
import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { PolicyDocument } from '../../core/iam/policy/policy-document.ts'
import type { Target } from '../../core/patch/patch.ts'
import { s3AuditLog } from '../../functions/adapters/aws/audit-log/s3-audit-log.ts'
import { checkChain } from '../../functions/domain/audit/verify-chain.ts'
import type { Proposal } from '../../functions/domain/proposal/proposal.ts'
import { workMessage } from '../../functions/domain/stored/work-message.ts'
import type { PolicyWriter } from '../../functions/ports/writing/policy-writer.ts'
import { policiesIn } from '../../functions/write/iam.ts'
import { writerSessions } from '../../functions/write/writer-sessions.ts'
import { linesIn } from '../card-text.ts'
import { memoryStore } from '../fakes/memory-store.ts'
import { BUCKET, type CloudBot, cloudBot, fromSource } from './cloud-bot.ts'
import { type Moto, startMoto } from './moto.ts'

const MAIN = '111122223333'
const OTHER = '444455556666'
let moto: Moto
let bot: CloudBot
let writer: PolicyWriter

const trusts = (Principal: object) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal, Action: 'sts:AssumeRole' }],
})
const allows = (Action: string, Resource: string, Condition?: object) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action, Resource, ...(Condition === undefined ? {} : { Condition }) }],
})
const roleArn = (name: string, account = MAIN) => `arn:aws:iam::${account}:role/${name}`

async function role(iam: IAMClient, RoleName: string, trust: object): Promise<void> {
  await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: JSON.stringify(trust) }))
}

beforeAll(async () => {
  moto = await startMoto()
  bot = await cloudBot(moto, fromSource)
  const sessionOf = writerSessions(
    {
      partition: 'aws',
      roleName: 'rolemedic-writer',
      externalId: 'cloud-bot-external-id',
      region: 'eu-west-1',
      timeouts: {},
      identityCenter: null,
    },
    async () => {},
  )
  const session = {
    sourceIdentity: 'U0ONCALL1',
    tags: { 'rolemedic:proposal': 'p-1', 'rolemedic:digest': 'sha256:1', 'rolemedic:approvers': 'U0ONCALL1' },
  }
  writer = policiesIn(sessionOf(session))

  const iam = new IAMClient(await moto.clientOf(MAIN))
  const other = new IAMClient(await moto.clientOf(OTHER))
  const ecs = trusts({ Service: 'ecs-tasks.amazonaws.com' })
  await role(iam, 'orders-task', ecs)
  await role(iam, 'billing-task', ecs)
  await role(iam, 'deployer', trusts({ AWS: `arn:aws:iam::${MAIN}:root` }))
  await iam.send(new CreateUserCommand({ UserName: 'pipeline' }))

  // A managed policy that names another service, with all five versions in use.
  await role(iam, 'releaser', trusts({ AWS: `arn:aws:iam::${MAIN}:root` }))
  const document = JSON.stringify(
    allows('iam:PassRole', roleArn('billing-task'), { StringEquals: { 'iam:PassedToService': 'ecs.amazonaws.com' } }),
  )
  const { Policy } = await iam.send(new CreatePolicyCommand({ PolicyName: 'release', PolicyDocument: document }))
  for (let version = 2; version <= 5; version += 1)
    await iam.send(
      new CreatePolicyVersionCommand({ PolicyArn: Policy?.Arn, PolicyDocument: document, SetAsDefault: true }),
    )
  await iam.send(new AttachRolePolicyCommand({ RoleName: 'releaser', PolicyArn: Policy?.Arn }))

  // Allowed to assume it, and not trusted by it: in the same account, and in another one.
  await role(iam, 'reporter', trusts({ AWS: `arn:aws:iam::${MAIN}:root` }))
  await role(iam, 'warehouse', trusts({ AWS: roleArn('deployer') }))
  await role(other, 'archive', trusts({ AWS: `arn:aws:iam::${OTHER}:root` }))
  await iam.send(
    new PutRolePolicyCommand({
      RoleName: 'reporter',
      PolicyName: 'own',
      PolicyDocument: JSON.stringify(allows('sts:AssumeRole', roleArn('warehouse'))),
    }),
  )
})

afterAll(async () => {
  await bot?.close()
  await moto?.stop()
})

type Caller = { readonly kind: 'role' | 'user'; readonly name: string }

function record({ kind, name }: Caller, action: string, resource: string, call: [string, string]): object {
  const session = `arn:aws:sts::${MAIN}:assumed-role/${name}/run-7`
  const arn = kind === 'user' ? `arn:aws:iam::${MAIN}:user/${name}` : session
  const issuer = { type: 'Role', principalId: 'AROAEXAMPLE', arn: roleArn(name), accountId: MAIN, userName: name }
  const userIdentity =
    kind === 'user'
      ? { type: 'IAMUser', principalId: 'AIDAEXAMPLE', arn, accountId: MAIN, userName: name }
      : {
          type: 'AssumedRole',
          principalId: 'AROAEXAMPLE:run-7',
          arn,
          accountId: MAIN,
          sessionContext: { sessionIssuer: issuer },
        }
  return {
    eventVersion: '1.11',
    eventID: randomUUID(),
    eventTime: new Date().toISOString().replace(/\.\d+Z$/, 'Z'),
    eventType: 'AwsApiCall',
    eventSource: call[0],
    eventName: call[1],
    awsRegion: 'eu-west-1',
    recipientAccountId: MAIN,
    managementEvent: true,
    errorCode: 'AccessDenied',
    errorMessage: `User: ${arn} is not authorized to perform: ${action} on resource: ${resource}`,
    requestParameters: action === 'iam:PassRole' ? { family: 'orders', taskRoleArn: resource } : null,
    responseElements: null,
    userIdentity,
  }
}

const ECS: [string, string] = ['ecs.amazonaws.com', 'RegisterTaskDefinition']
const STS: [string, string] = ['sts.amazonaws.com', 'AssumeRole']

async function now(target: Target): Promise<PolicyDocument | null> {
  const read = await writer.read(target)
  return read.kind === 'found' ? read.value : null
}

const KINDS = [
  {
    kinds: ['role-inline-policy'],
    denial: () => record({ kind: 'role', name: 'deployer' }, 'iam:PassRole', roleArn('orders-task'), ECS),
  },
  {
    kinds: ['user-inline-policy'],
    denial: () => record({ kind: 'user', name: 'pipeline' }, 'iam:PassRole', roleArn('orders-task'), ECS),
  },
  {
    kinds: ['managed-policy'],
    denial: () => record({ kind: 'role', name: 'releaser' }, 'iam:PassRole', roleArn('billing-task'), ECS),
  },
  {
    kinds: ['role-trust-policy'],
    denial: () => record({ kind: 'role', name: 'reporter' }, 'sts:AssumeRole', roleArn('warehouse'), STS),
  },
  {
    kinds: ['role-inline-policy', 'role-trust-policy'],
    denial: () => record({ kind: 'role', name: 'reporter' }, 'sts:AssumeRole', roleArn('archive', OTHER), STS),
  },
]

describe.each(KINDS)('a denial that $kinds lifts', ({ kinds, denial }) => {
  let proposal: Proposal

  it('becomes a card with a patch of that kind', async () => {
    proposal = await bot.denied(denial())
    expect(proposal.patch?.changes.map(change => change.target.kind)).toEqual(kinds)
    expect(proposal.status).toBe('open')
  })

  it('is written exactly as approved, and IAM gives it back', async () => {
    for (const user of ['U0ONCALL1', 'U0ONCALL2']) {
      if ((await bot.store.get(proposal.id))?.status === 'open') await bot.press(proposal.id, user, 'approve')
    }
    await bot.work()
    const applied = await bot.store.get(proposal.id)
    expect(applied).toMatchObject({ status: 'applied', failure: null, applied: { answer: 'allowed' } })
    for (const { target, after } of proposal.patch?.changes ?? []) expect(await now(target)).toEqual(after)
  })

  it('is undone by Revert, down to the document that was there before', async () => {
    await bot.press(proposal.id, 'U0ONCALL1', 'revert')
    await bot.work()
    expect(await bot.store.get(proposal.id)).toMatchObject({ status: 'reverted' })
    for (const { target, before } of proposal.patch?.changes ?? []) expect(await now(target)).toEqual(before)
  })

  it('signs the end of the log for the topic and the channel, and the log agrees with it', async () => {
    const before = await bot.notices()
    await bot.checkpoint()
    expect((await bot.notices()) - before).toBe(1)
    const files = bot.slack.messages().map(({ blocks }) => linesIn(blocks).join('\n'))
    const file = files.findLast(text => text.includes('rolemedic.checkpoint/1'))
    expect(await bot.chain(file ?? '')).toMatchObject({ intact: true, checkpoints: 1 })
  })

  it('left an unbroken record', async () => {
    const check = await bot.chain()
    expect(check).toMatchObject({ intact: true, endIsPinned: true, afterHead: 0, findings: [] })
    expect(check.signatures).toMatchObject({ checked: true, unsignedBefore: 0 })
    // At least an approval, and intent and outcome of one apply and one revert.
    if (!check.signatures.checked) throw new Error('signatures were not checked')
    expect(check.signatures.decisions).toBeGreaterThanOrEqual(3)
    expect(check.signatures.records).toBeGreaterThanOrEqual(4)
    const own: string[] = []
    for await (const { entry } of bot.log.records()) if (entry.proposalId === proposal.id) own.push(entry.kind)
    expect(own.filter(kind => kind !== 'approved')).toEqual([
      'denial-seen',
      'proposed',
      'apply-intended',
      'applied',
      'revert-intended',
      'reverted',
    ])
  })
})

describe('around the changes', () => {
  it('removes the oldest version of a managed policy only because five are kept, and says so in the record', async () => {
    const iam = new IAMClient(await moto.clientOf(MAIN))
    const { Versions = [] } = await iam.send(
      new ListPolicyVersionsCommand({ PolicyArn: `arn:aws:iam::${MAIN}:policy/release` }),
    )
    expect(Versions.map(version => version.VersionId).sort()).toEqual(['v3', 'v4', 'v5', 'v6', 'v7'])
    const why: string[] = []
    for await (const { entry } of bot.log.records()) why.push(entry.why)
    expect(why.join('\n')).toContain('version v1 of arn:aws:iam::111122223333:policy/release was removed')
  })

  it('told SNS of each denial, and of each checkpoint', async () => {
    expect(await bot.notices()).toBe(2 * KINDS.length)
  })

  it('verifies the log in the bucket against the head in the table', async () => {
    const { dispatch } = await import('../../cli/dispatch.ts')
    const { processIo } = await import('../../cli/io.ts')
    const out: string[] = []
    const io = { ...processIo(), out: (text: string) => void out.push(text), err: () => {} }
    expect(await dispatch(['audit', 'verify', '--from', `s3://${BUCKET}/audit`, '--table', 'rolemedic'], io)).toBe(0)
    expect(out.join('')).toContain('intact')
  })

  it('loses nothing and leaves no gap when ten write to one bucket at once', async () => {
    const markers = memoryStore()
    const log = () => s3AuditLog({ client: bot.s3, bucket: BUCKET, prefix: 'ten', markers })
    const [first] = await all(bot.log.records())
    if (first === undefined) throw new Error('the log is empty')
    await Promise.all(
      Array.from({ length: 10 }, async (_, writer) => {
        const own = log()
        for (let n = 0; n < 3; n += 1) await own.append({ ...first.entry, key: `${writer}/${n}` })
      }),
    )
    const check = checkChain(await all(log().stored()), await log().head())
    expect(check).toMatchObject({ intact: true, records: 30, afterHead: 0, findings: [] })
    expect(new Set((await all(log().records())).map(record => record.entry.key)).size).toBe(30)
  })

  it('is reverted by an operator alone, from what the bucket keeps', async () => {
    const { dispatch } = await import('../../cli/dispatch.ts')
    const { processIo } = await import('../../cli/io.ts')
    const denial = record({ kind: 'role', name: 'deployer' }, 'iam:PassRole', roleArn('billing-task'), ECS)
    const { id, patch } = await bot.denied(denial)
    await bot.press(id, 'U0ONCALL1', 'approve')
    if ((await bot.store.get(id))?.status === 'open') await bot.press(id, 'U0ONCALL2', 'approve')
    await bot.work()
    expect(await bot.store.get(id)).toMatchObject({ status: 'applied' })
    const folder = mkdtempSync(join(tmpdir(), 'revert-'))
    const keys = join(folder, 'keys.json')
    writeFileSync(keys, JSON.stringify(await bot.ring()))
    const out: string[] = []
    const io = { ...processIo(), data: (text: string) => void out.push(text) }
    const args = ['revert', id, '--reason', 'wrong role', '--from', `s3://${BUCKET}/audit`, '--keys', keys, '--json']
    expect(await dispatch([...args, '--dry-run'], io)).toBe(0)
    const [change] = patch?.changes ?? []
    if (change === undefined) throw new Error('no change')
    expect(await now(change.target)).toEqual(change.after)
    expect(await dispatch(args, io)).toBe(0)
    rmSync(folder, { recursive: true })
    expect(out.map(text => JSON.parse(text).changes[0].outcome)).toEqual(['planned', 'taken-away'])
    expect(await now(change.target)).toEqual(change.before)
  })

  it('is not granted while an operator has stopped it, and is once it goes on', async () => {
    const { dispatch } = await import('../../cli/dispatch.ts')
    const { processIo } = await import('../../cli/io.ts')
    const out: string[] = []
    const io = { ...processIo(), data: (text: string) => void out.push(text) }
    const run = (...args: readonly string[]) => dispatch([...args, '--region', 'eu-west-1', '--json'], io)
    await role(
      new IAMClient(await moto.clientOf(MAIN)),
      'invoices-task',
      trusts({ Service: 'ecs-tasks.amazonaws.com' }),
    )
    const denial = record({ kind: 'role', name: 'deployer' }, 'iam:PassRole', roleArn('invoices-task'), ECS)
    const { id, patch } = await bot.denied(denial)
    const [change] = patch?.changes ?? []
    if (change === undefined) throw new Error('no change')
    expect(await run('stop', '--reason', 'incident')).toBe(0)
    await bot.press(id, 'U0ONCALL1', 'approve')
    if ((await bot.store.get(id))?.status === 'open') await bot.press(id, 'U0ONCALL2', 'approve')
    await bot.work()
    const waiting = await bot.store.get(id)
    expect(waiting).toMatchObject({ status: 'approved', stopped: { by: expect.any(String) } })
    expect(await now(change.target)).toEqual(change.before)
    expect(await run('resume')).toBe(0)
    expect(out.map(text => JSON.parse(text).isStopped)).toEqual([true, false])
    // As `sweep` does.
    await new SQSClient(moto.client).send(
      new SendMessageCommand({
        QueueUrl: bot.env.VERIFY_QUEUE_URL,
        MessageBody: workMessage({ kind: 'verify', proposalId: id }),
        MessageGroupId: id,
        MessageDeduplicationId: randomUUID(),
      }),
    )
    await bot.work()
    expect(await bot.store.get(id)).toMatchObject({ status: 'applied' })
    expect(await now(change.target)).toEqual(change.after)
  })

  it('finds a record that was deleted and written again, and still reads the first', async () => {
    const Key = 'audit/000000000002.json'
    const first = await (await bot.s3.send(new GetObjectCommand({ Bucket: BUCKET, Key }))).Body?.transformToString()
    await bot.s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key }))
    // The delete marker lets "create only if absent" succeed again.
    const again = { Key, Body: '{}', ContentMD5: 'mZFLkyvTelC5g8XnyQrpOw==', IfNoneMatch: '*' }
    await bot.s3.send(new PutObjectCommand({ Bucket: BUCKET, ...again }))
    const { intact, findings } = await bot.chain()
    expect(intact).toBe(false)
    expect(findings.map(({ kind, place }) => [kind, place])).toEqual([['stored-again', Key]])
    for await (const { sequence, hash } of bot.log.records())
      if (sequence === 2) expect(hash).toBe(JSON.parse(first ?? '{}').hash)
  })
})

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const item of items) list.push(item)
  return list
}
