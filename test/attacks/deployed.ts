/** The deployed functions over moto and an embedded DynamoDB, and what somebody with `dynamodb:PutItem` can do to them. */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { PutItemCommand } from '@aws-sdk/client-dynamodb'
import { CreateRoleCommand, GetAccountAuthorizationDetailsCommand, IAMClient } from '@aws-sdk/client-iam'
import type { Context, SQSEvent } from 'aws-lambda'
import dynalite from 'dynalite'
import { expect } from 'vitest'
import { attributesOf, proposalItem, proposalKey } from '../../functions/adapters/aws/dynamodb/table-items.ts'
import type { AuditEntry } from '../../functions/domain/audit/audit-record.ts'
import type { Proposal } from '../../functions/domain/proposal/proposal.ts'
import { cloudBot, fromSource, type Handlers } from '../e2e/cloud-bot.ts'
import { startMoto } from '../e2e/moto.ts'

export const MAIN = '111122223333'
export const OTHER = '444455556666'
export const ANA = 'U0ONCALL1'
export const BEN = 'U0ONCALL2'
export const EVERYTHING = {
  Version: '2012-10-17' as const,
  Statement: [{ Effect: 'Allow' as const, Action: '*', Resource: '*' }],
}

const CONTEXT = { getRemainingTimeInMillis: () => 60_000 } as Context

export type Deployed = Awaited<ReturnType<typeof startDeployed>>
type Running = Handlers & { readonly sweep: () => Promise<unknown> }

export async function fromSourceWithSweep(env: NodeJS.ProcessEnv): Promise<Running> {
  const handlers = await fromSource(env)
  const { handler: sweep } = await import('../../functions/sweep/handler.ts')
  return { ...handlers, sweep }
}

export async function startDeployed(config: object = {}) {
  const moto = await startMoto()
  const table = dynalite({ createTableMs: 0 }).listen(0, '127.0.0.1')
  await once(table, 'listening')
  const tableEndpoint = `http://127.0.0.1:${(table.address() as AddressInfo).port}`
  const machines = [`arn:aws:iam::${MAIN}:role/ci-*`]
  const bot = await cloudBot(moto, fromSourceWithSweep, { tableEndpoint, config: { machines, ...config } })
  const accounts = await Promise.all([MAIN, OTHER].map(async id => new IAMClient(await moto.clientOf(id))))

  async function deliver(body: object | string, handler: Handlers['apply'] = bot.handlers.apply): Promise<string> {
    const record = {
      messageId: 'm-1',
      body: typeof body === 'string' ? body : JSON.stringify(body),
      attributes: { ApproximateReceiveCount: '1', MessageGroupId: 'g-1' },
      messageAttributes: {},
      eventSource: 'aws:sqs',
    }
    try {
      const answer = await handler({ Records: [record] } as unknown as SQSEvent, CONTEXT)
      return JSON.stringify(answer).includes('itemIdentifier') ? 'failed' : 'done'
    } catch (error) {
      // All of a batch failed: Lambda counts it, and SQS delivers it again.
      return `failed: ${String(error)}`
    }
  }

  /** All policies of all accounts. */
  async function iam(): Promise<unknown> {
    const details = await Promise.all(accounts.map(each => each.send(new GetAccountAuthorizationDetailsCommand({}))))
    return details.map(({ RoleDetailList, UserDetailList, Policies }) => ({ RoleDetailList, UserDetailList, Policies }))
  }

  async function records(proposalId: string): Promise<readonly AuditEntry[]> {
    const own: AuditEntry[] = []
    for await (const { entry } of bot.log.records()) if (entry.proposalId === proposalId) own.push(entry)
    return own
  }

  return {
    ...bot,
    moto,
    deliver,
    iam,
    records,
    apply: (proposalId: string) => deliver({ kind: 'apply', proposalId }),
    revert: (proposalId: string) => deliver({ kind: 'revert', proposalId }),

    async role(name: string, Principal: object): Promise<void> {
      const trust = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal, Action: 'sts:AssumeRole' }] }
      await accounts[0]?.send(
        new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: JSON.stringify(trust) }),
      )
    },

    async stored(id: string): Promise<Proposal> {
      const proposal = await bot.store.get(id)
      if (proposal === null) throw new Error(`no ${id}`)
      return proposal
    },

    /** Over whatever is there, with any content that has the form of a proposal. */
    async put(forged: object): Promise<void> {
      const proposal = forged as Proposal
      const item = proposalItem({ ...proposal, version: proposal.version + 1 }, 'mallory')
      await bot.dynamo.send(new PutItemCommand({ TableName: 'rolemedic', Item: attributesOf(item) }))
    },

    /** With content of any form. */
    async putRaw(id: string, attributes: { readonly [name: string]: string | number }): Promise<void> {
      const item = { pk: proposalKey(id), version: 1, v: 2, writeId: 'mallory', ...attributes }
      await bot.dynamo.send(new PutItemCommand({ TableName: 'rolemedic', Item: attributesOf(item) }))
    },

    /** Runs the attack: nothing in IAM changes, and the log says why where the item was forged. */
    async refuses(run: () => Promise<unknown>, forged?: { readonly id: string; readonly why: RegExp }): Promise<void> {
      const before = await iam()
      await run()
      expect(await iam()).toEqual(before)
      if (forged === undefined) return
      const found = (await records(forged.id)).filter(({ kind }) => kind === 'forged').map(({ why }) => why)
      expect(found).toContainEqual(expect.stringMatching(forged.why))
    },

    async close() {
      await bot.close()
      table.close()
      await moto.stop()
    },
  }
}

/** A denial of `iam:PassRole` on `passed` for a session of the role `name`. */
export function denialOf(name: string, passed = 'orders-task', session = 'run-7'): object {
  const arn = `arn:aws:sts::${MAIN}:assumed-role/${name}/${session}`
  const resource = `arn:aws:iam::${MAIN}:role/${passed}`
  const sessionIssuer = {
    type: 'Role',
    principalId: 'AROAEXAMPLE',
    arn: `arn:aws:iam::${MAIN}:role/${name}`,
    accountId: MAIN,
    userName: name,
  }
  return {
    eventVersion: '1.11',
    eventID: crypto.randomUUID(),
    eventTime: new Date().toISOString().replace(/\.\d+Z$/, 'Z'),
    eventType: 'AwsApiCall',
    eventSource: 'ecs.amazonaws.com',
    eventName: 'RegisterTaskDefinition',
    awsRegion: 'eu-west-1',
    recipientAccountId: MAIN,
    managementEvent: true,
    errorCode: 'AccessDenied',
    errorMessage: `User: ${arn} is not authorized to perform: iam:PassRole on resource: ${resource}`,
    requestParameters: { family: 'orders', taskRoleArn: resource },
    responseElements: null,
    userIdentity: {
      type: 'AssumedRole',
      principalId: `AROAEXAMPLE:${session}`,
      arn,
      accountId: MAIN,
      sessionContext: { sessionIssuer },
    },
  }
}
