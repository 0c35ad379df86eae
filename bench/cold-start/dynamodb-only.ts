/** The minimum that a function with state imports: one client and four table operations. */
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
