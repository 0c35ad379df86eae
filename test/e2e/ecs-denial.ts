/** The CloudTrail record of a role that may not pass its task role to ECS. */
import { CreateRoleCommand, type IAMClient } from '@aws-sdk/client-iam'

export const MAIN = '111122223333'

export async function role(iam: IAMClient, RoleName: string, Principal: object): Promise<void> {
  const trust = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal, Action: 'sts:AssumeRole' }] }
  await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: JSON.stringify(trust) }))
}

/** A denial of `iam:PassRole` on `passed` for a session of the role `name`. */
export function denialOf(name: string, passed = 'orders-task', session = 'run-7') {
  const arn = `arn:aws:sts::${MAIN}:assumed-role/${name}/${session}`
  const role = `arn:aws:iam::${MAIN}:role/${passed}`
  const issuer = {
    type: 'Role',
    principalId: 'AROAEXAMPLE',
    arn: `arn:aws:iam::${MAIN}:role/${name}`,
    accountId: MAIN,
    userName: name,
  }
  return {
    eventVersion: '1.11',
    eventID: crypto.randomUUID(),
    eventTime: new Date().toISOString().replace(/\.\d+Z$/, 'Z'),
    eventType: 'AwsApiCall',
    eventSource: 'ecs.amazonaws.com',
    eventName: 'RegisterTaskDefinition',
    awsRegion: 'eu-west-1',
    recipientAccountId: MAIN,
    managementEvent: true,
    errorCode: 'AccessDenied',
    errorMessage: `User: ${arn} is not authorized to perform: iam:PassRole on resource: ${role}`,
    requestParameters: { family: 'orders', taskRoleArn: role },
    responseElements: null,
    userIdentity: {
      type: 'AssumedRole',
      principalId: `AROAEXAMPLE:${session}`,
      arn,
      accountId: MAIN,
      sessionContext: { sessionIssuer: issuer },
    },
  }
}
