import { RemovalPolicy } from 'aws-cdk-lib'
import { AttributeType, BillingMode, ProjectionType, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb'
import type { Construct } from 'constructs'
import { INDEXES, PARTITION_KEY, TTL_ATTRIBUTE } from '../../../functions/adapters/aws/dynamodb/index.ts'
import { PREFIX } from '../../names.ts'

const TYPES = { S: AttributeType.STRING, N: AttributeType.NUMBER }
type Key = { readonly name: string; readonly type: keyof typeof TYPES }
const attribute = ({ name, type }: Key) => ({ name, type: TYPES[type] })

/** The one table. Only counters and occurrences have a time at which DynamoDB deletes them; proposals are kept. */
export function proposalsTableConstruct(scope: Construct): Table {
  const table = new Table(scope, 'Proposals', {
    tableName: PREFIX,
    partitionKey: attribute(PARTITION_KEY),
    billingMode: BillingMode.PAY_PER_REQUEST,
    encryption: TableEncryption.AWS_MANAGED,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    deletionProtection: true,
    timeToLiveAttribute: TTL_ATTRIBUTE,
    // Differs from other retained resources: with deletion protection, a failed first deployment could not delete the table and
    // would get stuck.
    removalPolicy: RemovalPolicy.RETAIN,
  })
  for (const { name, hash, range } of INDEXES)
    table.addGlobalSecondaryIndex({
      indexName: name,
      partitionKey: attribute(hash),
      sortKey: attribute(range),
      projectionType: ProjectionType.KEYS_ONLY,
    })
  return table
}
