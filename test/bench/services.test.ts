import { PutItemCommand, QueryCommand, type QueryCommandOutput } from '@aws-sdk/client-dynamodb'
import { describe, expect, it } from 'vitest'
import { eventQueue } from '../../bench/scale/event-queue.ts'
import { memoryDynamoDb } from '../../bench/scale/services/memory-dynamodb.ts'
import { packedTexts } from '../../bench/scale/services/packed-texts.ts'
import { DUE_INDEX, PROPOSALS_DUE } from '../../functions/adapters/aws/dynamodb/table-keys.ts'

describe('the table in memory', () => {
  async function pages(atMs: readonly number[], until: number, ScanIndexForward: boolean) {
    const { unseen } = memoryDynamoDb(eventQueue(0), 5)
    const TableName = 'table'
    for (const [n, ms] of atMs.entries()) {
      const Item = { pk: { S: `p-${n}` }, dueKind: { S: PROPOSALS_DUE[0] }, dueAtMs: { N: String(ms) } }
      await unseen.send(new PutItemCommand({ TableName, Item, ConditionExpression: 'attribute_not_exists(pk)' }))
    }
    const found: string[][] = []
    let ExclusiveStartKey: QueryCommandOutput['LastEvaluatedKey']
    const ask = () =>
      unseen.send(
        new QueryCommand({
          ...{ TableName, IndexName: DUE_INDEX, Limit: 2, ScanIndexForward, ExclusiveStartKey },
          ExpressionAttributeValues: { ':kind': { S: PROPOSALS_DUE[0] }, ':now': { N: String(until) } },
        }),
      )
    do {
      const page = await ask()
      found.push((page.Items ?? []).map(({ pk }) => pk?.S ?? ''))
      ExclusiveStartKey = page.LastEvaluatedKey
    } while (ExclusiveStartKey !== undefined)
    return found
  }

  it('gives the pages of an index in order, each entry once', async () => {
    const atMs = [50, 10, 30, 10, 90, 20]
    expect(await pages(atMs, 50, true)).toEqual([['p-1', 'p-3'], ['p-5', 'p-2'], ['p-0']])
    expect(await pages(atMs, 50, false)).toEqual([['p-0', 'p-2'], ['p-5', 'p-3'], ['p-1']])
    expect(await pages(atMs, 5, true)).toEqual([[]])
  })
})

describe('packed texts', () => {
  it('come back as they were, short or long', () => {
    const texts = packedTexts<object>()
    const long = { text: 'ä → 1'.repeat(1_000) }
    texts.set('short', { n: 1 })
    texts.set('long', long)
    expect([texts.get('short'), texts.get('long'), texts.get('none')]).toEqual([{ n: 1 }, long, undefined])
    expect([texts.has('long'), texts.has('none')]).toEqual([true, false])
  })
})
