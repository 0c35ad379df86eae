/** Organizations and STS. */
import {
  DescribeAccountCommand,
  DescribeOrganizationCommand,
  DescribePolicyCommand,
  ListParentsCommand,
  ListPoliciesForTargetCommand,
  OrganizationsClient,
} from '@aws-sdk/client-organizations'
import { AssumeRoleCommand, DecodeAuthorizationMessageCommand, STSClient } from '@aws-sdk/client-sts'
import { jsonAnswer, queryAnswer, type Sample, type Wire } from './sample.ts'

export const ORGANIZATIONS_WIRE: Wire = { kind: 'json', version: '1.1', namespace: 'com.amazonaws.organizations' }
const STS = 'https://sts.amazonaws.com/doc/2011-06-15/'
export const STS_WIRE: Wire = { kind: 'query', xmlns: STS }

function toOrganizations(
  operation: string,
  send: (client: OrganizationsClient) => Promise<object>,
  content: object,
  reads: readonly string[],
): Sample {
  return {
    call: `client-organizations/${operation}`,
    send: settings => send(new OrganizationsClient({ ...settings, region: 'us-east-1' })),
    answer: jsonAnswer('1.1', content),
    reads,
  }
}

const ORGANIZATION = 'arn:aws:organizations::999999999999'
const summary = {
  Id: 'p-edge0001',
  Arn: `${ORGANIZATION}:policy/o-abc123/service_control_policy/p-edge0001`,
  Name: 'edge',
  Description: 'what nobody may do',
  Type: 'SERVICE_CONTROL_POLICY',
  AwsManaged: false,
}

const ORGANIZATIONS: readonly Sample[] = [
  toOrganizations(
    'DescribeAccount',
    client => client.send(new DescribeAccountCommand({ AccountId: '111122223333' })),
    {
      Account: {
        Id: '111122223333',
        Arn: `${ORGANIZATION}:account/o-abc123/111122223333`,
        Email: 'orders@example.com',
        Name: 'orders',
        Status: 'ACTIVE',
        State: 'ACTIVE',
        Paths: ['o-abc123/r-ab12/ou-ab12-11111111/111122223333/'],
        JoinedMethod: 'CREATED',
        JoinedTimestamp: 1_700_000_000.123,
      },
    },
    ['Account.Arn', 'Account.Paths.0'],
  ),
  toOrganizations(
    'DescribeOrganization',
    client => client.send(new DescribeOrganizationCommand({})),
    {
      Organization: {
        Id: 'o-abc123',
        Arn: `${ORGANIZATION}:organization/o-abc123`,
        FeatureSet: 'ALL',
        MasterAccountArn: `${ORGANIZATION}:account/o-abc123/999999999999`,
        MasterAccountId: '999999999999',
        MasterAccountEmail: 'root@example.com',
        AvailablePolicyTypes: [{ Type: 'SERVICE_CONTROL_POLICY', Status: 'ENABLED' }],
      },
    },
    ['Organization.Id', 'Organization.MasterAccountId'],
  ),
  toOrganizations(
    'DescribePolicy',
    client => client.send(new DescribePolicyCommand({ PolicyId: 'p-edge0001' })),
    { Policy: { PolicySummary: summary, Content: '{"Version":"2012-10-17","Statement":[]}' } },
    ['Policy.Content'],
  ),
  toOrganizations(
    'ListParents',
    client => client.send(new ListParentsCommand({ ChildId: '111122223333' })),
    { Parents: [{ Id: 'r-ab12', Type: 'ROOT' }] },
    ['Parents.0.Id', 'Parents.0.Type'],
  ),
  toOrganizations(
    'ListPoliciesForTarget',
    client =>
      client.send(
        new ListPoliciesForTargetCommand({
          TargetId: 'ou-ab12-11111111',
          Filter: 'RESOURCE_CONTROL_POLICY',
          NextToken: 'page-2',
        }),
      ),
    { Policies: [summary], NextToken: 'page-3' },
    ['Policies.0.Id', 'Policies.0.Name', 'Policies.0.Arn', 'NextToken'],
  ),
]

const assumed =
  '<AssumedRoleUser><AssumedRoleId>AROAEXAMPLE:rolemedic-writer</AssumedRoleId>' +
  '<Arn>arn:aws:sts::111122223333:assumed-role/writer/rolemedic-writer</Arn></AssumedRoleUser>' +
  '<Credentials><AccessKeyId>ASIAEXAMPLE</AccessKeyId><SecretAccessKey>secret+/=</SecretAccessKey>' +
  '<SessionToken>token+/=</SessionToken><Expiration>2026-11-25T09:30:00Z</Expiration></Credentials><PackedPolicySize>6</PackedPolicySize>'

const TOKENS: readonly Sample[] = [
  {
    call: 'client-sts/DecodeAuthorizationMessage',
    send: settings =>
      new STSClient(settings).send(new DecodeAuthorizationMessageCommand({ EncodedMessage: 'AbC-1_x+/=' })),
    answer: queryAnswer(
      STS,
      'DecodeAuthorizationMessage',
      '<DecodedMessage>{"allowed":false,"explicitDeny":true}</DecodedMessage>',
    ),
    reads: ['DecodedMessage'],
  },
  {
    call: 'client-sts/AssumeRole',
    send: settings =>
      new STSClient({ ...settings, retryMode: 'adaptive', maxAttempts: 6 }).send(
        new AssumeRoleCommand({
          RoleArn: 'arn:aws:iam::111122223333:role/writer',
          RoleSessionName: 'rolemedic-writer',
          ExternalId: 'rolemedic-external',
          DurationSeconds: 900,
        }),
      ),
    answer: queryAnswer(STS, 'AssumeRole', assumed),
    reads: ['AccessKeyId', 'SecretAccessKey', 'SessionToken', 'Expiration'].map(name => `Credentials.${name}`),
  },
]

export const ACCOUNTS: readonly Sample[] = [...ORGANIZATIONS, ...TOKENS]
