import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb'
import { mockClient } from 'aws-sdk-client-mock'
import { afterAll, describe, expect, it } from 'vitest'
import { proposalsTable } from '../../functions/adapters/aws/dynamodb/proposals-table.ts'
import { type LocalStore, openLocalStore } from '../../simulator/local-store.ts'
import { memoryStore } from '../fakes/memory-store.ts'
import { sampleProposal } from '../fakes/sample-proposal.ts'
import { storeContract } from '../store-contract.ts'

const opened: LocalStore[] = []
afterAll(() => Promise.all(opened.map(store => store.close())))

storeContract('in memory', async () => memoryStore())
storeContract('in the table of an embedded DynamoDB', async () => {
  const one = await openLocalStore(null)
  opened.push(one)
  return one.store
})

describe('the proposals table', () => {
  it('knows its own write again when its answer was lost and the SDK sent it twice', async () => {
    const client = new DynamoDBClient({ region: 'eu-west-1' })
    const mock = mockClient(client)
    let stored: Record<string, unknown> | undefined
    mock.on(PutItemCommand).callsFake(input => {
      stored = input.Item
      throw new ConditionalCheckFailedException({ message: 'the second copy', $metadata: {} })
    })
    mock.on(GetItemCommand).callsFake(() => ({ Item: stored }))
    const proposal = sampleProposal()
    expect(await proposalsTable({ client, tableName: 't' }).create(proposal)).toEqual({ ok: true, value: proposal })
  })

  it('refuses an item that DynamoDB could not hold, in words', async () => {
    const client = new DynamoDBClient({ region: 'eu-west-1' })
    const big = sampleProposal({ denial: { ...sampleProposal().denial, message: 'x'.repeat(400_000) } })
    await expect(proposalsTable({ client, tableName: 't' }).create(big)).rejects.toThrow(/holds 380000 per item/)
  })
})
