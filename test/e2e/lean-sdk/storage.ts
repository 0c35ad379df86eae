/** DynamoDB, S3 and Secrets Manager. */
import {
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import { GetObjectCommand, ListObjectVersionsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { type Answer, jsonAnswer, type Sample, type Wire } from './sample.ts'

export const TABLE_WIRE: Wire = { kind: 'json', version: '1.0', namespace: 'com.amazonaws.dynamodb.v20120810' }
export const BUCKET_WIRE: Wire = { kind: 'rest-xml' }
export const SECRETS_WIRE: Wire = { kind: 'json', version: '1.1', namespace: 'com.amazonaws.secretsmanager' }

function toTable(
  operation: string,
  send: (client: DynamoDBClient) => Promise<object>,
  content: object,
  reads: readonly string[],
): Sample {
  return {
    call: `client-dynamodb/${operation}`,
    send: settings => send(new DynamoDBClient(settings)),
    answer: jsonAnswer('1.0', content),
    reads,
  }
}

const TableName = 'rolemedic-bot'
const stored = {
  pk: { S: 'proposal#p-1' },
  version: { N: '3' },
  document: { S: '{"id":"p-1"}' },
  writeId: { S: '0e0f7a66' },
  anything: { M: { list: { L: [{ N: '1' }, { NULL: true }, { BOOL: false }] } } },
}
const TEXTS = ['pk', 'document', 'writeId']

const TABLE: readonly Sample[] = [
  toTable(
    'GetItem',
    client => client.send(new GetItemCommand({ TableName, Key: { pk: { S: 'proposal#p-1' } }, ConsistentRead: true })),
    { Item: stored, ConsumedCapacity: { TableName, CapacityUnits: 1 } },
    [...TEXTS.map(name => `Item.${name}.S`), 'Item.version.N'],
  ),
  toTable(
    'PutItem',
    client =>
      client.send(
        new PutItemCommand({
          TableName,
          Item: {
            pk: { S: 'proposal#p-1' },
            version: { N: '4' },
            document: { S: '{"words":"größer"}' },
            writeId: { S: '0e0f7a67' },
          },
          ConditionExpression: 'version = :mine',
          ExpressionAttributeValues: { ':mine': { N: '3' } },
        }),
      ),
    { ItemCollectionMetrics: { ItemCollectionKey: { pk: { S: 'proposal#p-1' } } } },
    [],
  ),
  toTable(
    'Query',
    client =>
      client.send(
        new QueryCommand({
          TableName,
          IndexName: 'open',
          KeyConditionExpression: 'openKind = :open',
          ExpressionAttributeValues: { ':open': { S: 'open' } },
          ScanIndexForward: false,
          Limit: 25,
          ExclusiveStartKey: {
            pk: { S: 'proposal#p-0' },
            openKind: { S: 'open' },
            createdAtMs: { N: '1795500000123' },
          },
        }),
      ),
    { Items: [stored], Count: 1, ScannedCount: 1, LastEvaluatedKey: { pk: { S: 'proposal#p-1' } } },
    ['Items.0.pk.S', 'LastEvaluatedKey.pk.S'],
  ),
  toTable(
    'UpdateItem',
    client =>
      client.send(
        new UpdateItemCommand({
          TableName,
          Key: { pk: { S: 'counter#cards' } },
          UpdateExpression: 'ADD #value :one SET expiresAt = :expires',
          ExpressionAttributeNames: { '#value': 'value' },
          ExpressionAttributeValues: { ':one': { N: '1' }, ':expires': { N: '1795500001' } },
          ReturnValues: 'ALL_NEW',
        }),
      ),
    { Attributes: { pk: { S: 'counter#cards' }, value: { N: '12' }, expiresAt: { N: '1795500001' } } },
    ['Attributes.value.N'],
  ),
]

const Bucket = 'rolemedic-audit'
/** What a bucket with Object Lock asks of each upload is a checksum: CRC32 over the UTF-8 text, big-endian, as base64. */
export const RECORD = { text: '{"sequence":7,"words":"größer"}\n', crc32: 'VFDY5A==' }

export function objectAnswer(crc32: string): Answer {
  return {
    status: 200,
    headers: {
      'x-amz-request-id': 'TX5FQ8A2D',
      'content-type': 'application/json',
      etag: '"9bb58f26192e4ba00f01e2e7b136bbd8"',
      'last-modified': 'Tue, 24 Nov 2026 08:15:42 GMT',
      expires: 'Wed, 25 Nov 2026 08:15:42 GMT',
      'x-amz-version-id': 'v-1',
      'x-amz-object-lock-mode': 'GOVERNANCE',
      'x-amz-checksum-crc32': crc32,
      'x-amz-checksum-type': 'FULL_OBJECT',
    },
    body: RECORD.text,
  }
}

const version = (id: string, latest: boolean) =>
  `<Key>audit/000000000007.json</Key><VersionId>${id}</VersionId><IsLatest>${latest}</IsLatest><LastModified>2026-11-24T08:15:42.000Z</LastModified><Owner><ID>75aa57f0</ID></Owner>`

const BUCKET: readonly Sample[] = [
  {
    call: 'client-s3/PutObject',
    send: settings =>
      new S3Client(settings).send(
        new PutObjectCommand({
          Bucket,
          Key: 'audit/000000000007.json',
          Body: RECORD.text,
          ContentType: 'application/json',
          IfNoneMatch: '*',
        }),
      ),
    answer: {
      status: 200,
      headers: { 'x-amz-request-id': 'TX5FQ8A2D', etag: '"9bb58f26"', 'x-amz-version-id': 'v-1' },
      body: '',
    },
    reads: [],
  },
  {
    call: 'client-s3/ListObjectVersions',
    // A name that cannot be a host, with signs in its keys that a path and a query must escape.
    send: settings =>
      new S3Client(settings).send(
        new ListObjectVersionsCommand({ Bucket: 'audit.example.com', Prefix: "größer/a+b &c='d'/" }),
      ),
    answer: {
      status: 200,
      headers: { 'x-amz-request-id': 'TX5FQ8A2D', 'content-type': 'application/xml' },
      body: '<ListVersionsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><IsTruncated>false</IsTruncated></ListVersionsResult>',
    },
    reads: ['IsTruncated'],
  },
  {
    call: 'client-s3/GetObject',
    send: async settings => {
      const command = new GetObjectCommand({ Bucket, Key: 'audit/000000000007.json', VersionId: 'v-1' })
      const { Body, ...rest } = await new S3Client(settings).send(command)
      return { ...rest, text: await Body?.transformToString('utf8') }
    },
    answer: objectAnswer(RECORD.crc32),
    reads: ['text'],
  },
  {
    call: 'client-s3/ListObjectVersions',
    send: settings =>
      new S3Client(settings).send(
        new ListObjectVersionsCommand({
          Bucket,
          Prefix: 'audit/',
          KeyMarker: 'audit/000000000006.json',
          VersionIdMarker: 'v-0',
        }),
      ),
    answer: {
      status: 200,
      headers: { 'x-amz-request-id': 'TX5FQ8A2D', 'content-type': 'application/xml' },
      body:
        '<?xml version="1.0" encoding="UTF-8"?>\n<ListVersionsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">' +
        `<Name>${Bucket}</Name><Prefix>audit/</Prefix><MaxKeys>1000</MaxKeys><IsTruncated>true</IsTruncated>` +
        '<NextKeyMarker>audit/000000000007.json</NextKeyMarker><NextVersionIdMarker>v-1</NextVersionIdMarker>' +
        `<Version>${version('v-2', false)}<ETag>&quot;9bb58f26&quot;</ETag><Size>31</Size><StorageClass>STANDARD</StorageClass></Version>` +
        `<Version>${version('v-1', false)}<ETag>&quot;9bb58f26&quot;</ETag><Size>31</Size><StorageClass>STANDARD</StorageClass></Version>` +
        `<DeleteMarker>${version('v-3', true)}</DeleteMarker></ListVersionsResult>`,
    },
    reads: [
      ...['IsTruncated', 'NextKeyMarker', 'NextVersionIdMarker'],
      ...['Versions.1', 'DeleteMarkers.0'].flatMap(place =>
        ['Key', 'VersionId', 'LastModified'].map(name => `${place}.${name}`),
      ),
    ],
  },
]

const SECRETS: readonly Sample[] = [
  {
    call: 'client-secrets-manager/GetSecretValue',
    send: settings =>
      new SecretsManagerClient(settings).send(
        new GetSecretValueCommand({ SecretId: 'rolemedic/slack', VersionStage: 'AWSPREVIOUS' }),
      ),
    answer: jsonAnswer('1.1', {
      ARN: 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:rolemedic/slack-AbCdEf',
      Name: 'rolemedic/slack',
      VersionId: '0e0f7a66-0000-4000-8000-000000000001',
      SecretString: ' xoxb-1 ',
      VersionStages: ['AWSPREVIOUS'],
      CreatedDate: 1_795_500_000.123,
    }),
    reads: ['SecretString'],
  },
]

export const STORAGE: readonly Sample[] = [...TABLE, ...BUCKET, ...SECRETS]
