import { ABSENT, type Fact, known, unknown } from '../../core/base/fact.ts'
import type { EventHistory, Found } from '../../functions/ports/event-history.ts'

/** A successful call in CloudTrail's form. */
export type RecordedCall = {
  readonly atMs: number
  readonly eventName?: string
  readonly eventSource?: string
  readonly role?: string
  readonly session?: string
  readonly region?: string
  readonly parameters?: { readonly [member: string]: unknown }
  /** Set for a failed call. */
  readonly errorCode?: string
  readonly roleArn?: string
}

export type MemoryHistory = EventHistory & {
  readonly calls: RecordedCall[]
  readonly searches: { readonly region: string; readonly name: string; readonly fromMs: number }[]
  /** Why nothing can be read at this time, or why the result is truncated. */
  trouble: (atMs: number, region: string) => 'none' | 'cut' | 'refused' | 'throttled'
}

/** The recorded events of one account, newest first. */
export function memoryHistory(clock: () => number): MemoryHistory {
  let indexed = 0
  let index = new Map<string, RecordedCall[]>()
  const nameOf = ({ region = 'eu-west-1', eventName = 'RegisterTaskDefinition' }: RecordedCall) =>
    `${region}/${eventName}`
  const callsOf = (region: string, name: string): readonly RecordedCall[] => {
    if (indexed !== history.calls.length) index = Map.groupBy(history.calls, nameOf)
    indexed = history.calls.length
    return index.get(`${region}/${name}`) ?? []
  }
  const history: MemoryHistory = {
    calls: [],
    searches: [],
    trouble: () => 'none',
    byId: async () => ABSENT,
    async search({ region }, by, { fromMs, toMs }): Promise<Fact<Found>> {
      const name = 'eventName' in by ? by.eventName : 'userName' in by ? by.userName : by.resourceName
      history.searches.push({ region, name, fromMs })
      const trouble = history.trouble(clock(), region)
      if (trouble === 'throttled') throw new Error('ThrottlingException')
      if (trouble === 'refused') return unknown('cloudtrail:LookupEvents was refused')
      const found = callsOf(region, name)
        .filter(({ atMs }) => atMs >= fromMs && atMs <= toMs)
        .map(recordOf)
        .reverse()
      return known(trouble === 'cut' ? { records: [], complete: false } : { records: found, complete: true })
    },
  }
  return history
}

export function recordOf(call: RecordedCall) {
  const { atMs, role = 'deployer', session = 'run-1', region = 'eu-west-1' } = call
  const { eventName = 'RegisterTaskDefinition', eventSource = 'ecs.amazonaws.com', errorCode } = call
  return {
    eventVersion: '1.11',
    eventID: `${eventName}-${atMs}-${role}`,
    eventTime: new Date(atMs).toISOString().replace(/\.\d{3}Z$/, 'Z'),
    eventSource,
    eventName,
    awsRegion: region,
    recipientAccountId: '111122223333',
    ...(errorCode === undefined ? {} : { errorCode }),
    userIdentity: {
      type: 'AssumedRole',
      principalId: `AROAEXAMPLE:${session}`,
      arn: `arn:aws:sts::111122223333:assumed-role/${role}/${session}`,
      accountId: '111122223333',
      sessionContext: {
        sessionIssuer: {
          type: 'Role',
          principalId: 'AROAEXAMPLE',
          arn: `arn:aws:iam::111122223333:role/${role}`,
          accountId: '111122223333',
          userName: role,
        },
      },
    },
    requestParameters: call.parameters ?? { taskRoleArn: call.roleArn ?? 'arn:aws:iam::111122223333:role/app-task' },
  }
}
