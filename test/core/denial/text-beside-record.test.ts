/** People paste the error of a pod, and below it the record of the same call. */
import { describe, expect, it } from 'vitest'
import { denialsInText } from '../../../core/denial/any-text/denials-in-text.ts'

const ROLE = 'arn:aws:iam::111122223333:role/orders'
const SUBJECT = 'system:serviceaccount:default:orders-sa'
/** https://github.com/aws/secrets-store-csi-driver-provider-aws/issues/17 */
const POD = `  Warning  FailedMount  41m  kubelet  MountVolume.SetUp failed for volume "secrets-store-inline" : rpc error: code = Unknown desc = failed to mount secrets store objects for pod default/nginx-deployment-74d68b559b-lsfr9, err: rpc error: code = Unknown desc = Failed fetching parameters: WebIdentityErr: failed to retrieve credentials
caused by: AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity
           status code: 403, request id: 74069505-0a96-4068-a6ea-4e37e1bf9f9d`

const record = (eventName: string): string =>
  JSON.stringify(
    {
      eventVersion: '1.08',
      userIdentity: { type: 'WebIdentityUser', userName: SUBJECT },
      eventTime: '2021-05-24T20:16:19Z',
      eventSource: 'sts.amazonaws.com',
      eventName,
      awsRegion: 'us-east-1',
      errorCode: 'AccessDenied',
      errorMessage: 'An unknown error occurred',
      requestParameters: { roleArn: ROLE, roleSessionName: 'secrets-store-csi-driver-provider-aws' },
      eventID: '5a1c0000-0000-4000-8000-000000000001',
      eventType: 'AwsApiCall',
      recipientAccountId: '111122223333',
    },
    null,
    4,
  )

const rolesIn = (text: string) =>
  denialsInText(text).found.map(one => (one.kind === 'denial' ? [one.denial.action, one.denial.resource] : one.why))

describe('an error that names neither who nor which role', () => {
  it('is the denial of the record beside it', () => {
    const text = `${POD}\n\nHere is the corresponding event from Cloud Trail:\n${record('AssumeRoleWithWebIdentity')}\n`
    expect(rolesIn(text)).toEqual([['sts:AssumeRoleWithWebIdentity', ROLE]])
  })

  it('is one of its own beside the record of another action', () => {
    expect(rolesIn(`${record('AssumeRoleWithSAML')}\n${POD}\n`)).toEqual([
      ['sts:AssumeRoleWithSAML', ROLE],
      ['sts:AssumeRoleWithWebIdentity', null],
    ])
  })

  it('is one of its own without a record', () => {
    expect(rolesIn(POD)).toEqual([['sts:AssumeRoleWithWebIdentity', null]])
  })

  it('takes no denial away that names its role', () => {
    const other = 'arn:aws:iam::111122223333:role/billing'
    const named = `User: arn:aws:iam::111122223333:user/ci is not authorized to perform: sts:AssumeRole on resource: ${other}`
    const text = `${record('AssumeRole')}\n${named}\n`
    expect(rolesIn(text)).toEqual([
      ['sts:AssumeRole', ROLE],
      ['sts:AssumeRole', other],
    ])
  })
})
