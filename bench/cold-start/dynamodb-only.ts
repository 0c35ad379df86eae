/** The least that any function with state imports: one client and the four calls that a table needs. */
import {
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'

const client = new DynamoDBClient()
const TableName = 'table'

export const handler = async (key: string): Promise<unknown> => {
  const Key = { pk: { S: key } }
  await client.send(new UpdateItemCommand({ TableName, Key }))
  await client.send(new PutItemCommand({ TableName, Item: Key }))
  await client.send(new QueryCommand({ TableName }))
  return client.send(new GetItemCommand({ TableName, Key }))
}
