/** Whether each function alone puts what the bucket keeps beside the audit log, and whether nothing there expires. */
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation'
import {
  GetBucketLifecycleConfigurationCommand,
  GetBucketPolicyCommand,
  GetObjectLockConfigurationCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { evaluate } from '../../../core/actions/index.ts'
import { ABSENT, found, known, RolemedicError } from '../../../core/base/index.ts'
import { type ContextFacts, type PolicyDocument, parsePolicy, present } from '../../../core/iam/index.ts'
import { LONG_TIMEOUTS } from '../../../functions/adapters/aws/clients/index.ts'
import { FUNCTIONS } from '../../../infra/functions.ts'
import { LEDGER_WRITERS, PREFIX } from '../../../infra/names.ts'
import { type Check, failedCheck, okCheck } from './check.ts'
import type { MemberAccess } from './member-access.ts'
import type { TrustedBy } from './roles.ts'

export type SeenBucket = {
  readonly name: string
  readonly policy: string | null
  readonly lifecycleRules: number
  /** How long each object is locked by default. Null: it is not, so that a version can be deleted. */
  readonly lockDays: number | null
}

const NAME = 'audit bucket'
const PREFIXES = Object.entries(LEDGER_WRITERS)
const ADMINISTRATOR = 'an administrator'

type By = Pick<TrustedBy, 'partition' | 'hubAccountId' | 'rolePath'>

/** Who may put below the prefix, among the functions and an administrator, if their own policies allow everything. */
export function puttersBelow(
  { name, policy }: Pick<SeenBucket, 'name' | 'policy'>,
  prefix: string,
  by: By,
): readonly string[] {
  const read = policy === null ? null : parsePolicy(policy)
  if (read?.ok === false) throw new RolemedicError('bucket-policy', `${name}: its policy cannot be parsed`)
  const denies = deniedToAll(read?.value ?? { Version: '2012-10-17', Statement: [] })
  const resource = `arn:${by.partition}:s3:::${name}/${prefix}/a/b`
  return [...FUNCTIONS, ADMINISTRATOR].filter(one => mayPut(one, resource, denies, by))
}

/** `days`: of the settings. */
export function lockCheck({ name, lockDays }: SeenBucket, days: number): Check {
  if (lockDays === null)
    return failedCheck(
      'object lock',
      `${name}: no default retention, so records can be deleted: aws s3api put-object-lock-configuration, or let rolemedic-state make the bucket`,
    )
  return lockDays < days
    ? failedCheck(
        'object lock',
        `${name}: locks for ${lockDays} days, the settings say ${days}: deploy rolemedic-state`,
      )
    : okCheck('object lock', `${name}: each record is locked for ${lockDays} days`)
}

export function bucketCheck({ name, policy, lifecycleRules }: Omit<SeenBucket, 'lockDays'>, by: By): Check {
  if (policy !== null && !parsePolicy(policy).ok) return failedCheck(NAME, `${name}: its policy cannot be parsed`)
  const wrong = PREFIXES.flatMap(([prefix, writer]) => {
    const putters = puttersBelow({ name, policy }, prefix, by)
    const open = putters.filter(one => one !== writer)
    return [
      ...(open.length === 0 ? [] : [`${open.join(', ')} may put below ${prefix}/`]),
      ...(writer === null || putters.includes(writer) ? [] : [`${writer} may not put below ${prefix}/`]),
    ]
  })
  if (lifecycleRules > 0) wrong.push(`it has ${lifecycleRules} lifecycle rules, which expire what nobody may delete`)
  if (wrong.length > 0)
    return failedCheck(
      NAME,
      `${name}: ${wrong.join('; ')}: deploy rolemedic-state, or correct the policy of your bucket`,
    )
  const prefixes = PREFIXES.map(([prefix]) => `${prefix}/`).join(', ')
  return okCheck(
    NAME,
    `${name}: ${prefixes} have one function each; who administers the hub can change that, and block a proposal`,
  )
}

/** A deny of some principals binds no others. */
function deniedToAll({ Statement }: PolicyDocument): PolicyDocument {
  const everybody = Statement.filter(
    ({ Effect, Principal }) =>
      Effect === 'Deny' && ['"*"', '{"AWS":"*"}', '{"AWS":["*"]}'].includes(JSON.stringify(Principal)),
  )
  return { Version: '2012-10-17', Statement: everybody.map(({ Principal: _, ...rest }) => rest) }
}

/** Of a caller whose own policies allow everything: what the bucket leaves. Unclear counts as allowed. */
function mayPut(
  name: string,
  resource: string,
  denies: PolicyDocument,
  { partition, hubAccountId, rolePath }: By,
): boolean {
  const own = name === ADMINISTRATOR ? 'administrator' : `${PREFIX}-${name}`
  const arn = `arn:${partition}:iam::${hubAccountId}:role${name === ADMINISTRATOR ? '/' : rolePath}${own}`
  const policy = (document: PolicyDocument) => ({
    ...{ type: 'identity' as const, name: own, arn: null, attachedTo: own },
    document,
  })
  const context: ContextFacts = {
    'aws:principalarn': present(arn),
    'aws:securetransport': present('true'),
    's3:tlsversion': present('1.3'),
    's3:if-none-match': present('*'),
  }
  const role = { kind: 'role' as const, arn, accountId: hubAccountId, name: own, path: '/', uniqueId: null, tags: {} }
  const principalArn = `arn:${partition}:sts::${hubAccountId}:assumed-role/${own}/doctor`
  const { answer } = evaluate(
    { action: 's3:PutObject', resource, principalArn, roleArn: arn, context },
    {
      caller: found({ ...role, policies: [policy(ANYTHING), policy(denies)], unseen: [], boundary: ABSENT }),
      targets: [],
      organization: known({ id: null, managementAccountId: null }),
      scps: known([]),
      rcps: known([]),
      session: known([]),
      vpce: known([]),
    },
  )
  return answer !== 'denied'
}

const ANYTHING: PolicyDocument = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
}

/** `given`: a bucket of one's own. Null: the one of the state stack. */
export async function readBucket(
  { credentials }: MemberAccess,
  region: string,
  given: string | null,
): Promise<SeenBucket> {
  const config = { region, credentials, ...LONG_TIMEOUTS }
  const Bucket = given ?? (await bucketOfState(new CloudFormationClient(config)))
  const s3 = new S3Client(config)
  const [policy, lifecycleRules, lockDays] = await Promise.all([
    s3
      .send(new GetBucketPolicyCommand({ Bucket }))
      .then(({ Policy = null }) => Policy, absent('NoSuchBucketPolicy', null)),
    s3
      .send(new GetBucketLifecycleConfigurationCommand({ Bucket }))
      .then(({ Rules = [] }) => Rules.length, absent('NoSuchLifecycleConfiguration', 0)),
    s3.send(new GetObjectLockConfigurationCommand({ Bucket })).then(
      ({ ObjectLockConfiguration }) => {
        const { Days, Years } = ObjectLockConfiguration?.Rule?.DefaultRetention ?? {}
        return Days ?? (Years === undefined ? null : Years * 365)
      },
      absent('ObjectLockConfigurationNotFoundError', null),
    ),
  ])
  return { name: Bucket, policy, lifecycleRules, lockDays }
}

const absent =
  <T>(code: string, value: T) =>
  (error: unknown): T => {
    if (error instanceof Error && error.name === code) return value
    throw error
  }

async function bucketOfState(cloudFormation: CloudFormationClient): Promise<string> {
  const { Stacks = [] } = await cloudFormation.send(new DescribeStacksCommand({ StackName: `${PREFIX}-state` }))
  const output = Stacks[0]?.Outputs?.find(({ OutputKey }) => OutputKey === 'AuditBucketName')
  if (output?.OutputValue === undefined) throw new Error(`the stack ${PREFIX}-state has no output AuditBucketName`)
  return output.OutputValue
}
