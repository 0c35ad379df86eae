import type { AttributeValue, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { describe, expect, it } from 'vitest'
import { asPlainText } from '../../../core/base/rich-text.ts'
import { proposalsTable } from '../../../functions/adapters/aws/dynamodb/proposals-table.ts'
import { attributesOf, proposalItem, valuesOf } from '../../../functions/adapters/aws/dynamodb/table-items.ts'
import { renderHome } from '../../../functions/adapters/slack/blocks/home.ts'
import { viewBreaches } from '../../../functions/adapters/slack/blocks/limits.ts'
import { makeDecide } from '../../../functions/decide/decide.ts'
import { configSchema } from '../../../functions/domain/config/config.ts'
import type { Home } from '../../../functions/domain/home/home.ts'
import type { Open } from '../../../functions/domain/proposal/proposal.ts'
import { FAKE_ORIGIN } from '../../../simulator/slack-requests.ts'
import { memoryBot } from '../../fakes/memory-bot.ts'
import { HOUR, NOON, OUTCOME, sampleProposal } from '../../fakes/sample-proposal.ts'

const ANA = 'U0ONCALL1'
const BEN = 'U0ONCALL2'
const OWN = '444455556666'
const RARE = 500
const CONFIG = configSchema.parse({
  mode: 'approve',
  approvers: { users: [ANA] },
  accounts: { [OWN]: { approvers: { users: [BEN] } } },
})

/** One in five hundred is of an account with approvers of its own. The first was made eight hours ago, the last now. */
function storm(count: number) {
  const sample = sampleProposal()
  const [change] = OUTCOME.changes
  if (change === undefined) throw new Error('no change')
  const own = { digest: sample.patch.digest, changes: [{ ...change, target: { ...change.target, accountId: OWN } }] }
  const stepMs = Math.floor((8 * HOUR) / count)
  const proposal = (n: number): Open => {
    const createdAtMs = NOON - (count - 1 - n) * stepMs
    const ofOwn = n % RARE === RARE - 1 ? { patch: own } : {}
    const title = `the stack s-${n} <!channel>`
    return {
      ...sample,
      ...ofOwn,
      id: `p-${n}`,
      deploy: { key: 'd', title },
      createdAtMs,
      expiresAtMs: createdAtMs + 8 * HOUR + 1,
    }
  }
  const requests = { GetItem: 0, Query: 0 }
  const all = Array.from({ length: count }, (_, n) => n)
  const rows: { readonly [key: string]: readonly number[] } = {
    [`open/${OWN}`]: all.filter(n => n % RARE === RARE - 1),
    open: all,
  }
  const pk = (n: number) => `proposal#p-${n}`
  const send = async ({ constructor: { name }, input }: { constructor: { name: string }; input: Request }) => {
    if (name === 'GetItemCommand') {
      requests.GetItem += 1
      const n = /^proposal#p-(\d+)$/.exec(String(valuesIn(input.Key)['pk']))?.[1]
      return n === undefined ? {} : { Item: attributesOf(proposalItem(proposal(Number(n)), 'w')) }
    }
    if (name !== 'QueryCommand') throw new Error(name)
    requests.Query += 1
    const values = valuesIn(input.ExpressionAttributeValues)
    const from = Number(values[':from'] ?? Number.NEGATIVE_INFINITY)
    const listed = rows[String(values[':open'] ?? values[':place'])] ?? []
    const fits = listed.filter(n => proposal(n).createdAtMs >= from)
    const page = (input.ScanIndexForward === false ? fits.toReversed() : fits).slice(0, input.Limit)
    return { Items: page.map(n => attributesOf({ pk: pk(n) })) }
  }
  const observer = { log: () => {}, count: () => {} }
  const store = proposalsTable({ client: { send } as unknown as DynamoDBClient, tableName: 't', observer })
  return { store, requests }
}
type Request = {
  readonly Key?: Readonly<Record<string, AttributeValue>>
  readonly ExpressionAttributeValues?: Readonly<Record<string, AttributeValue>>
  readonly ScanIndexForward?: boolean
  readonly Limit?: number
}
const valuesIn = (attributes: Request['Key']) => valuesOf(attributes ?? {}) as { readonly [name: string]: unknown }

async function opened(userId: string, count: number) {
  const { store, requests } = storm(count)
  const bot = memoryBot(CONFIG)
  const homes: Home[] = []
  const renderer = {
    ...bot.renderer,
    home: (home: Home) => {
      homes.push(home)
      return renderHome(home)
    },
  }
  const decide = makeDecide({ ...bot, store, renderer })
  expect(await decide({ kind: 'home', origin: { ...FAKE_ORIGIN, userTeamId: null }, userId })).not.toHaveProperty(
    'again',
  )
  const view = bot.chat.homes.get(userId) as object
  const [waiting] = homes[0]?.sections ?? []
  const listed = (waiting?.items ?? []).map(({ title }) => asPlainText(title))
  return { view, listed, notes: waiting?.notes.map(asPlainText), requests }
}

describe.each([1_000, 100_000])('of %i open proposals, the Home tab', count => {
  it('lists what expires first, whatever is newer', async () => {
    const { listed, notes } = await opened(ANA, count)
    expect(listed).toHaveLength(20)
    expect(listed.map(title => Number(/s-(\d+)/.exec(title)?.[1]))).toEqual(Array.from({ length: 20 }, (_, n) => n))
    expect(notes).toEqual([expect.stringMatching(/^More than \d+ more: rolemedic audit report --out report\.html$/)])
  })

  it('finds the few that wait for one person among those that do not', async () => {
    const { listed } = await opened(BEN, count)
    const own = Array.from({ length: Math.min(20, count / RARE) }, (_, n) => (n + 1) * RARE - 1)
    expect(listed.map(title => Number(/s-(\d+)/.exec(title)?.[1]))).toEqual(own)
  })

  it.each([ANA, BEN])(
    'of %s takes as few requests, and is a view that Slack accepts, without a button',
    async userId => {
      const { view, requests } = await opened(userId, count)
      expect(requests.GetItem).toBeLessThanOrEqual(200)
      expect(requests.Query).toBeLessThanOrEqual(8)
      expect(viewBreaches(view)).toEqual([])
      const text = JSON.stringify(view)
      expect(text).toContain('Open the card')
      expect(text).not.toMatch(/"(button|actions|overflow|action_id)"/)
      expect(text).not.toContain('mrkdwn')
    },
  )
})
