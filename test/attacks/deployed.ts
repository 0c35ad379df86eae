/** The deployed functions on moto and an embedded DynamoDB, and what somebody with `dynamodb:PutItem` can do to them. */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { PutItemCommand } from '@aws-sdk/client-dynamodb'
import { GetAccountAuthorizationDetailsCommand, IAMClient } from '@aws-sdk/client-iam'
import type { Context, SQSEvent } from 'aws-lambda'
import dynalite from 'dynalite'
import { expect } from 'vitest'
import { attributesOf, proposalItem, proposalKey } from '../../functions/adapters/aws/dynamodb/table-items.ts'
import type { AuditEntry } from '../../functions/domain/audit/audit-record.ts'
import type { Proposal } from '../../functions/domain/proposal/proposal.ts'
import { cloudBot, fromSource, type Handlers } from '../e2e/cloud-bot.ts'
import { MAIN, role } from '../e2e/ecs-denial.ts'
import { startMoto } from '../e2e/moto.ts'

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
  const bot = await cloudBot(moto, fromSourceWithSweep, { tableEndpoint, config })
  const main = new IAMClient(await moto.clientOf(MAIN))
  const accounts = [main, new IAMClient(await moto.clientOf(OTHER))]

  async function deliver(body: object | string, handler: Handlers['verify'] = bot.handlers.verify): Promise<string> {
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
      // All messages of a batch failed: Lambda counts it, and SQS delivers them again.
      return `failed: ${String(error)}`
    }
  }

  async function answered(work: object): Promise<string> {
    const delivered = await deliver(work)
    await bot.answer()
    return delivered
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
    /** `verify`, then `write` as it was asked, and the way home. Other work of `verify` stays in its queue. */
    apply: (proposalId: string) => answered({ kind: 'verify', proposalId }),
    revert: (proposalId: string) => answered({ kind: 'revert', proposalId }),

    role: (name: string, principal: object) => role(main, name, principal),

    async stored(id: string): Promise<Proposal> {
      const proposal = await bot.store.get(id)
      if (proposal === null) throw new Error(`no ${id}`)
      return proposal
    },

    /** Replaces an item by any content in the form of a proposal. */
    async put(forged: object): Promise<void> {
      const proposal = forged as Proposal
      const item = proposalItem({ ...proposal, version: proposal.version + 1 }, 'mallory')
      await bot.dynamo.send(new PutItemCommand({ TableName: 'rolemedic', Item: attributesOf(item) }))
    },

    /** Replaces an item by content of any form. */
    async putRaw(id: string, attributes: { readonly [name: string]: string | number }): Promise<void> {
      const item = { pk: proposalKey(id), version: 1, v: 2, writeId: 'mallory', ...attributes }
      await bot.dynamo.send(new PutItemCommand({ TableName: 'rolemedic', Item: attributesOf(item) }))
    },

    /** Runs the attack. Nothing in IAM may change, and for a forged item the log must say why. */
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
