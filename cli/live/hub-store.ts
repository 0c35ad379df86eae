/** The table of the hub, with the credentials that the AWS CLI would use. */

import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { proposalsTable } from '../../functions/adapters/aws/dynamodb/index.ts'
import { SILENT_OBSERVER } from '../../functions/ports/index.ts'
import { PREFIX } from '../../infra/names.ts'
import type { Hub } from '../use-cases/operate/stop-granting.ts'
import type { UseCaseWorld } from '../use-cases/world.ts'
import { cliAccess, type HubPlace } from './cli-access.ts'

/** Throws UsageError without credentials or a Region. */
export async function liveHub(place: HubPlace, world: Pick<UseCaseWorld, 'env'>): Promise<Hub> {
  const access = await cliAccess(place, world)
  const { Arn = '' } = await new STSClient(access).send(new GetCallerIdentityCommand({}))
  const client = new DynamoDBClient(access)
  return {
    region: access.region,
    by: nameIn(Arn),
    store: proposalsTable({ client, tableName: PREFIX, observer: SILENT_OBSERVER }),
  }
}

/** `assumed-role/platform-operates-rolemedic/ada`, or `user/ada`. */
const nameIn = (arn: string): string => arn.split(':').slice(5).join(':')
