import {
  DeleteInlinePolicyFromPermissionSetCommand,
  DescribePermissionSetCommand,
  DescribePermissionSetProvisioningStatusCommand,
  GetInlinePolicyForPermissionSetCommand,
  ListInstancesCommand,
  ListPermissionSetsCommand,
  ProvisionPermissionSetCommand,
  PutInlinePolicyToPermissionSetCommand,
  SSOAdminClient,
} from '@aws-sdk/client-sso-admin'
import { jsonAnswer, type Sample, type Wire } from './sample.ts'

export const SSO_WIRE: Wire = { kind: 'json', version: '1.1', namespace: 'com.amazon.switchboard.model' }

function toIdentityCenter(
  operation: string,
  send: (client: SSOAdminClient) => Promise<object>,
  content: object,
  reads: readonly string[],
): Sample {
  return {
    call: `client-sso-admin/${operation}`,
    send: settings => send(new SSOAdminClient(settings)),
    answer: jsonAnswer('1.1', content),
    reads,
  }
}

const InstanceArn = 'arn:aws:sso:::instance/ssoins-1111222233334444'
const PermissionSetArn = 'arn:aws:sso:::permissionSet/ssoins-1111222233334444/ps-aaaabbbbccccdddd'
const set = { InstanceArn, PermissionSetArn }
const InlinePolicy = '{"Version":"2012-10-17","Statement":[]}'

export const IDENTITY_CENTER: readonly Sample[] = [
  toIdentityCenter(
    'ListInstances',
    client => client.send(new ListInstancesCommand({})),
    {
      Instances: [
        {
          InstanceArn,
          IdentityStoreId: 'd-1234567890',
          OwnerAccountId: '999999999999',
          Name: 'people',
          CreatedDate: 1_700_000_000,
          Status: 'ACTIVE',
        },
      ],
    },
    ['Instances.0.InstanceArn'],
  ),
  toIdentityCenter(
    'ListPermissionSets',
    client => client.send(new ListPermissionSetsCommand({ InstanceArn, NextToken: 'page-2' })),
    { PermissionSets: [PermissionSetArn], NextToken: 'page-3' },
    ['PermissionSets.0', 'NextToken'],
  ),
  toIdentityCenter(
    'DescribePermissionSet',
    client => client.send(new DescribePermissionSetCommand(set)),
    {
      PermissionSet: {
        Name: 'Deployers',
        PermissionSetArn,
        Description: 'who deploys',
        CreatedDate: 1_700_000_000,
        SessionDuration: 'PT4H',
        RelayState: 'https://example.com',
      },
    },
    ['PermissionSet.Name'],
  ),
  toIdentityCenter(
    'GetInlinePolicyForPermissionSet',
    client => client.send(new GetInlinePolicyForPermissionSetCommand(set)),
    { InlinePolicy },
    ['InlinePolicy'],
  ),
  toIdentityCenter(
    'PutInlinePolicyToPermissionSet',
    client => client.send(new PutInlinePolicyToPermissionSetCommand({ ...set, InlinePolicy })),
    {},
    ['$metadata.requestId'],
  ),
  toIdentityCenter(
    'DeleteInlinePolicyFromPermissionSet',
    client => client.send(new DeleteInlinePolicyFromPermissionSetCommand(set)),
    {},
    ['$metadata.requestId'],
  ),
  toIdentityCenter(
    'ProvisionPermissionSet',
    client => client.send(new ProvisionPermissionSetCommand({ ...set, TargetType: 'ALL_PROVISIONED_ACCOUNTS' })),
    {
      PermissionSetProvisioningStatus: {
        Status: 'IN_PROGRESS',
        RequestId: 'e0a1b2c3-0000-4000-8000-000000000001',
        AccountId: '111122223333',
        PermissionSetArn,
        CreatedDate: 1_700_000_000,
      },
    },
    ['PermissionSetProvisioningStatus.Status', 'PermissionSetProvisioningStatus.RequestId', '$metadata.requestId'],
  ),
  toIdentityCenter(
    'DescribePermissionSetProvisioningStatus',
    client =>
      client.send(
        new DescribePermissionSetProvisioningStatusCommand({
          InstanceArn,
          ProvisionPermissionSetRequestId: 'e0a1b2c3-0000-4000-8000-000000000001',
        }),
      ),
    {
      PermissionSetProvisioningStatus: {
        Status: 'FAILED',
        RequestId: 'e0a1b2c3-0000-4000-8000-000000000001',
        PermissionSetArn,
        FailureReason: 'a role of that name exists',
      },
    },
    ['PermissionSetProvisioningStatus.Status', 'PermissionSetProvisioningStatus.FailureReason'],
  ),
]
