/** What a canary asks of AWS: as the operator in the account of the bot, and with a role in every other. */

import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts'
import { RolemedicError } from '../../../core/base/index.ts'
import { LONG_TIMEOUTS } from '../../../functions/adapters/aws/clients/index.ts'
import { proposalsTable } from '../../../functions/adapters/aws/dynamodb/index.ts'
import { eventHistory, historyClients } from '../../../functions/adapters/aws/event-history/index.ts'
import { cardPlacement } from '../../../functions/domain/stored/index.ts'
import { type ProposalStore, SILENT_OBSERVER } from '../../../functions/ports/index.ts'
import { PREFIX, queueName } from '../../../infra/names.ts'
import { askAws, textsIn } from '../../live/ask-aws.ts'
import type { MemberAccess } from '../doctor/member-access.ts'
import type { UseCaseWorld } from '../world.ts'
import type { CanaryCalls } from './canary.ts'

export type CanaryAccess = {
  readonly own: MemberAccess
  /** Of the bot. */
  readonly region: string
  readonly table: string
  readonly accessTo: (accountId: string) => MemberAccess | null
  readonly sleep: (ms: number) => Promise<void>
}

const SESSION = 'rolemedic-canary'
/** The EventBridge rule of denied role assumptions. */
const RULE = `${PREFIX}-assume-role`

export function canaryCalls(
  { own, region, table, accessTo, sleep }: CanaryAccess,
  world: Pick<UseCaseWorld, 'env' | 'nowMs'>,
): CanaryCalls {
  const store: ProposalStore = proposalsTable({
    client: new DynamoDBClient({ region, credentials: own.credentials, ...LONG_TIMEOUTS }),
    tableName: table,
    observer: SILENT_OBSERVER,
  })
  const credentialsOf = (accountId: string) => {
    const access = accessTo(accountId)
    if (access === null) throw new RolemedicError('canary', `no credentials of ${accountId}: give --role NAME`)
    return access.credentials
  }
  const history = eventHistory({ client: historyClients(credentialsOf), sleep, clock: world.nowMs })
  const sumOf = async (
    access: MemberAccess,
    where: string,
    metric: { readonly namespace: string; readonly name: string; readonly dimension: readonly [string, string] },
    sinceMs: number,
  ) => {
    const xml = await askAws({ region: where, credentials: access.credentials }, world).query(
      'monitoring',
      '2010-08-01',
      'GetMetricStatistics',
      {
        ...{ Namespace: metric.namespace, MetricName: metric.name, 'Statistics.member.1': 'Sum', Period: '60' },
        ...{ 'Dimensions.member.1.Name': metric.dimension[0], 'Dimensions.member.1.Value': metric.dimension[1] },
        ...{ StartTime: new Date(sinceMs).toISOString(), EndTime: new Date(world.nowMs()).toISOString() },
      },
    )
    return textsIn(xml, 'Sum').reduce((all, value) => all + Number(value), 0)
  }
  return {
    async deny({ accountId, region: where }, role) {
      const sts = new STSClient({ region: where, credentials: credentialsOf(accountId), ...LONG_TIMEOUTS })
      try {
        await sts.send(new AssumeRoleCommand({ RoleArn: role, RoleSessionName: SESSION }))
      } catch (error) {
        if (error instanceof Error && error.name === 'AccessDenied') return null
        throw error
      }
      return 'it was allowed'
    },
    async recordedAtMs(place, role, fromMs) {
      const read = await history.search(place, { eventName: 'AssumeRole' }, { fromMs, toMs: world.nowMs() })
      const record = read.known ? read.value.records.find(one => JSON.stringify(one).includes(role)) : undefined
      const atMs = Date.parse(String((record as { readonly eventTime?: unknown } | undefined)?.eventTime))
      return Number.isNaN(atMs) ? null : atMs
    },
    invocations: ({ accountId, region: where }, sinceMs) =>
      sumOf(
        { accountId, credentials: credentialsOf(accountId) },
        where,
        { namespace: 'AWS/Events', name: 'Invocations', dimension: ['RuleName', RULE] },
        sinceMs,
      ),
    received: sinceMs =>
      sumOf(
        own,
        region,
        { namespace: 'AWS/SQS', name: 'NumberOfMessagesSent', dimension: ['QueueName', queueName('intake')] },
        sinceMs,
      ),
    async occurrence({ accountId, region: where }, role, sinceMs) {
      const found = await store.occurrencesBetween(accountId, where, sinceMs, world.nowMs())
      return found.find(({ denial }) => denial.resource === role) ?? null
    },
    proposal: id => store.get(id),
    isInList: async id => ((await store.getMarker(cardPlacement(id)))?.value.listKey ?? null) !== null,
  }
}
