/** What the adapters make of an error of AWS, whichever of them it reaches. The error's name counts as one word: see the test. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { IAMClient } from '@aws-sdk/client-iam'
import type { OrganizationsClient } from '@aws-sdk/client-organizations'
import type { S3Client } from '@aws-sdk/client-s3'
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { bucketObjects } from '../../../functions/adapters/aws/audit-log/s3-audit-log.ts'
import { awsExplanations } from '../../../functions/adapters/aws/authorization-details/aws-explanations.ts'
import { readOrUnknown } from '../../../functions/adapters/aws/deploy-tools/read-or-unreadable.ts'
import { proposalsTable } from '../../../functions/adapters/aws/dynamodb/proposals-table.ts'
import type { AccountAccess } from '../../../functions/adapters/aws/iam/account-access.ts'
import { meter } from '../../../functions/adapters/aws/iam/read-calls.ts'
import { iamWriter } from '../../../functions/adapters/aws/iam-writer/iam-writer.ts'
import { writeFailure } from '../../../functions/adapters/aws/iam-writer/write-failure.ts'
import { secretsManager } from '../../../functions/adapters/aws/messaging/secrets.ts'
import { organizationReader } from '../../../functions/adapters/aws/organizations/organizations.ts'
import { RolemedicError } from '../../../functions/domain/base/errors.ts'
import type { Target } from '../../../functions/domain/patch/patch.ts'

export type Meaning = { readonly [adapter: string]: string }

const ACCOUNT = '111122223333'
const ROLE: Target = {
  kind: 'role-inline-policy',
  accountId: ACCOUNT,
  name: 'deployer',
  policyName: 'rolemedic',
  arn: `arn:aws:iam::${ACCOUNT}:role/deployer`,
}
const SET: Target = { ...ROLE, kind: 'permission-set-inline-policy', name: 'Deployers', policyName: null }

export async function meaningOf(error: Error): Promise<Meaning> {
  const refusing = async () => {
    throw error
  }
  const client = <T>() => ({ send: refusing, config: { region: 'eu-west-1', credentials: refusing } }) as T
  const { ask } = meter()
  const writer = iamWriter({ iam: () => client<IAMClient>(), permissionSets: null })
  const organizations = () =>
    organizationReader({
      client: client<OrganizationsClient>(),
      clock: () => 0,
      ownAccountId: async () => ACCOUNT,
    })
  const explanations = awsExplanations({
    access: () => ({ iam: client<IAMClient>() }) as AccountAccess,
  })
  const secrets = secretsManager({ client: client<SecretsManagerClient>(), clock: () => 0 })
  const bucket = bucketObjects({ client: client<S3Client>(), bucket: 'rolemedic-audit', prefix: 'audit' })

  const meanings: { readonly [adapter: string]: () => unknown } = {
    read: () => ask(1, 'iam:GetRole', refusing),
    'read of a deploy': () => readOrUnknown(refusing, 'the stack'),
    'read by the writer': () => writer.read(ROLE),
    write: () => writer.write(ROLE, null),
    'write of a permission set': () => writeFailure(SET, 'sso:PutInlinePolicyToPermissionSet', error),
    organization: () => organizations().organization(ask),
    guardrails: () => organizations().levels(ACCOUNT, 'scp', ask),
    decoding: () => explanations.decode(ACCOUNT, 'AbC'),
    secret: () => secrets.valid('rolemedic/slack'),
    'conditional write': () => proposalsTable({ client: refusesOnce(error), tableName: 'bot' }).putNote('key', 0, {}),
    'audit record': () => bucket.create(7, '{}'),
  }
  const told = Object.entries(meanings).map(async ([adapter, of]) => [adapter, await outcome(of)] as const)
  return Object.fromEntries(await Promise.all(told))
}

/** The item that won is looked for after a refusal, and is not there. */
function refusesOnce(error: Error): DynamoDBClient {
  let asked = 0
  const send = async () => {
    asked += 1
    if (asked === 1) throw error
    return {}
  }
  return { send } as unknown as DynamoDBClient
}

async function outcome(of: () => unknown): Promise<string> {
  try {
    return JSON.stringify(await of())
  } catch (fault) {
    return fault instanceof RolemedicError ? `fault ${fault.code}` : 'fault as it came'
  }
}
