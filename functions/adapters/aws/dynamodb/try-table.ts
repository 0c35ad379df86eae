/** Tries each thing that a function may do with the table, on items that nobody has, and writes nothing. */
import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import { RolemedicError } from '../../../../core/base/index.ts'
import type { Trial } from '../../../ports/self-test/trial.ts'
import type { TableAccess } from './table-access.ts'
import { INDEXES } from './table-keys.ts'

export function tableTrials(
  client: DynamoDBClient,
  TableName: string,
  { read, put, count, query }: TableAccess,
): readonly Trial[] {
  const itemOf = (pattern: string) => ({ TableName, Key: { pk: { S: keyOf(pattern) } } })
  return [
    ...read.map((key): Trial => [`dynamodb:GetItem of ${key}`, () => client.send(new GetItemCommand(itemOf(key)))]),
    ...put.map((key): Trial => {
      const item = { TableName, Item: { pk: { S: keyOf(key) } }, ...NEVER }
      return [`dynamodb:PutItem of ${key}`, () => refusedByCondition(client.send(new PutItemCommand(item)))]
    }),
    ...count.map((key): Trial => {
      const item = { ...itemOf(key), UpdateExpression: 'REMOVE doctorNever', ...NEVER }
      return [`dynamodb:UpdateItem of ${key}`, () => refusedByCondition(client.send(new UpdateItemCommand(item)))]
    }),
    ...query.flatMap(({ index, keys }) =>
      keys.map((key): Trial => {
        const asked = {
          ...{ TableName, IndexName: index, Limit: 1, KeyConditionExpression: '#key = :key' },
          ExpressionAttributeNames: { '#key': INDEXES.find(({ name }) => name === index)?.hash.name ?? '' },
          ExpressionAttributeValues: { ':key': { S: keyOf(key) } },
        }
        return [`dynamodb:Query of ${index}, ${key}`, () => client.send(new QueryCommand(asked))]
      }),
    ),
  ]
}

/** No item has the attribute. Whether somebody may write is checked before the condition is. */
const NEVER = { ConditionExpression: 'attribute_exists(doctorNever)' }

const keyOf = (pattern: string): string => pattern.replaceAll('*', 'doctor')

async function refusedByCondition(answer: Promise<unknown>): Promise<void> {
  try {
    await answer
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return
    throw error
  }
  throw new RolemedicError('trial', 'a condition that never holds was met')
}
