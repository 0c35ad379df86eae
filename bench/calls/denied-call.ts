import { randomUUID } from 'node:crypto'

export type Caller = 'deployer' | 'jane' | 'laden'

/** The CloudTrail record of a denied call that passes these roles, or assumes this one. */
export function deniedCall(
  caller: Caller,
  accountId: string,
  passed: readonly string[],
  assumed: string | undefined,
): object {
  const role = (name: string) => `arn:aws:iam::${accountId}:role/${name}`
  const userIdentity = caller === 'jane' ? user(accountId) : session(caller, accountId)
  const action = assumed === undefined ? 'iam:PassRole' : 'sts:AssumeRole'
  const resource = role(assumed ?? passed[0] ?? '')
  const [taskRoleArn, executionRoleArn] = passed.map(role)
  const call =
    assumed === undefined
      ? {
          eventSource: 'ecs.amazonaws.com',
          eventName: 'RegisterTaskDefinition',
          requestParameters: { taskRoleArn, ...(executionRoleArn === undefined ? {} : { executionRoleArn }) },
        }
      : {
          eventSource: 'sts.amazonaws.com',
          eventName: 'AssumeRole',
          requestParameters: { roleArn: resource, roleSessionName: 'again' },
        }
  return {
    eventVersion: '1.11',
    eventID: randomUUID(),
    eventTime: '2026-11-24T22:00:00Z',
    awsRegion: 'eu-west-1',
    recipientAccountId: accountId,
    errorCode: 'AccessDenied',
    errorMessage: `User: ${userIdentity.arn} is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`,
    userIdentity,
    ...call,
  }
}

function user(accountId: string) {
  const arn = `arn:aws:iam::${accountId}:user/staff/jane`
  return { type: 'IAMUser', principalId: 'AIDAJANE', arn, accountId, userName: 'jane' }
}

function session(name: string, accountId: string) {
  const path = name === 'deployer' ? '/ci/' : '/'
  return {
    type: 'AssumedRole',
    principalId: 'AROAEXAMPLE:pipeline',
    arn: `arn:aws:sts::${accountId}:assumed-role/${name}/pipeline`,
    accountId,
    sessionContext: {
      sessionIssuer: { type: 'Role', arn: `arn:aws:iam::${accountId}:role${path}${name}`, accountId, userName: name },
    },
  }
}
