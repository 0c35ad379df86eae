/** The permissions of each function, in its own role. */

import type { IQueue } from 'aws-cdk-lib/aws-sqs'
import type { Config } from '../../../functions/domain/config/index.ts'
import { SELF_TEST_EVENT } from '../../../functions/domain/messages/index.ts'
import type { ConsumedQueue } from '../../capacity.ts'
import type { FunctionName } from '../../functions.ts'
import { AUDIT_PREFIX, LEDGER_WRITERS, type LedgerPrefix, READER_ROLE, WRITER_ROLE, withPath } from '../../names.ts'
import { ORGANIZATION_READS } from '../../organizations-policy.ts'
import type { DeploySettings } from '../../settings.ts'
import type { State } from '../../stacks/state.ts'
import type { SigningKey } from '../state/signing-keys.ts'
import { onlyEvents, type Permission } from './permission.ts'
import { tablePermissions } from './table-permissions.ts'

export type Means = {
  readonly config: Pick<Config, 'secondOpinion'>
  readonly settings: Pick<DeploySettings, 'organization' | 'rolePath'>
  readonly state: State
  readonly queues: { readonly [name in ConsumedQueue]: IQueue }
}

export function permissionsOf(name: FunctionName, means: Means): readonly Permission[] {
  const { state, queues } = means
  const { talks, hears } = state.secrets
  const send = (...to: readonly IQueue[]) =>
    right(
      'SendWork',
      ['sqs:SendMessage'],
      to.map(queue => queue.queueArn),
    )
  const secrets = (...arns: readonly string[]) => right('ReadSecrets', ['secretsmanager:GetSecretValue'], arns)
  const token = secrets(talks.secretArn)
  const items = tablePermissions(name, state.table.tableArn)
  switch (name) {
    case 'intake':
      return [take(queues.intake), ...items, send(queues.propose, queues.look), assume(means, READER_ROLE), MEMBERSHIP]
    case 'propose':
      return [
        take(queues.propose, queues.look),
        ...items,
        // What has not settled yet is looked at later.
        send(queues.propose),
        verifySignatures(state),
        assume(means, READER_ROLE),
        ORGANIZATION,
        ...secondOpinion(means),
        ...notify(state),
        ...auditLog(means),
        token,
      ]
    case 'decide':
      return [
        ...items,
        sign(state.signing.decisions),
        verifySignatures(state),
        UNITS,
        send(queues.verify),
        ...auditLog(means),
        // A rejection stands before its answer does. The versions of the bucket are listed for the log already.
        puts(means, name),
        readObjects(means, ['members', 'enrolled']),
        secrets(talks.secretArn, hears.secretArn),
        askFunctions(state),
      ]
    case 'verify':
      return [
        take(queues.verify, queues.outcome),
        ...items,
        sign(state.signing.attestations),
        verifySignatures(state),
        assume(means, READER_ROLE),
        ORGANIZATION,
        ...secondOpinion(means),
        send(queues.propose, queues.write),
        ...auditLog(means),
        ...reads(means, OF_WRITES),
        // The daily checkpoint of the audit log.
        ...notify(state),
        token,
      ]
    // No table, no chat, no secret: it believes signatures, what it has put itself, and IAM.
    case 'write':
      return [
        take(queues.write),
        sign(state.signing.outcomes),
        verifySignatures(state),
        assume(means, WRITER_ROLE),
        send(queues.outcome),
        puts(means, name),
        ...reads(means, OF_WRITES),
        keyUse(state.key.keyArn),
      ]
    case 'sweep':
      return [
        ...items,
        verifySignatures(state),
        UNITS,
        send(queues.propose, queues.verify, queues.publish),
        ...auditLog(means),
        // For the notice about silent members.
        ...notify(state),
        token,
      ]
    // With the guardrails: a resource control policy may keep a service from its role.
    case 'alert':
      return [take(queues.alert), ...items, send(queues.propose, queues.look), assume(means, READER_ROLE), ORGANIZATION]
    // No table: it believes passkeys, what AWS says of an administrator, and what it has put itself.
    case 'enroll':
      return [
        sign(state.signing.enrollments),
        verifySignatures(state),
        puts(means, name),
        ...reads(means, ['enrolled', 'revoked']),
        keyUse(state.key.keyArn),
        token,
      ]
    // No access to IAM, accounts or the chat.
    case 'publish':
      return [take(queues.publish), ...items, verifySignatures(state), secrets(state.gitHosts.secretArn)]
  }
}

const right = (sid: string, actions: readonly string[], resources: readonly string[]): Permission => ({
  sid,
  actions,
  resources,
})

/** A rule hands it on as a constant. */
const askFunctions = ({ stack }: State): Permission => ({
  sid: 'AskForSelfTests',
  actions: ['events:PutEvents'],
  resources: [`arn:${stack.partition}:events:${stack.region}:${stack.account}:event-bus/default`],
  conditions: onlyEvents(SELF_TEST_EVENT),
})

/** The key's own policy lets no other role sign. */
const sign = ({ signs }: SigningKey) => right('Sign', ['kms:Sign'], [signs])

/** Signatures are verified here, with the public keys: of earlier ones, too. */
const verifySignatures = ({ signing }: State) =>
  right(
    'VerifySignatures',
    ['kms:GetPublicKey'],
    Object.values(signing).flatMap(({ all }) => all),
  )

/** What Lambda's poller does in the name of the function. https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html */
const take = (...from: readonly IQueue[]) =>
  right(
    'TakeWork',
    ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
    from.map(queue => queue.queueArn),
  )

/**
 * Each member account decides, because the trust policy of its role names only this function. No role outside the organization
 * is assumed, even if it has the name and trusts everybody.
 */
function assume({ state: { stack }, settings }: Means, ...roles: readonly string[]): Permission {
  const { organization } = settings
  const account = organization === null ? stack.account : '*'
  return {
    sid: roles.includes(WRITER_ROLE) ? 'WriteInAccounts' : 'ReadInAccounts',
    // A session of the writer names the approver.
    actions: ['sts:AssumeRole', ...(roles.includes(WRITER_ROLE) ? ['sts:SetSourceIdentity', 'sts:TagSession'] : [])],
    resources: roles.map(role => `arn:${stack.partition}:iam::${account}:role/${withPath(settings, role)}`),
    ...(organization === null
      ? {}
      : {
          conditions: { StringEquals: { 'aws:ResourceOrgID': organization.id } },
          wildcard: 'The role of this name in each account of the organization; accounts come and go.',
        }),
  }
}

/** Reads and appends. Bucket policy and Object Lock protect stored records. */
function auditLog({ state: { audit, key } }: Means): readonly Permission[] {
  return [
    {
      sid: 'AuditRecords',
      // Every read names the version, so it needs no permission to read the current one.
      // https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
      actions: ['s3:PutObject', 's3:GetObjectVersion'],
      resources: [`${audit.arn}/${AUDIT_PREFIX}/*`],
      wildcard: 'Each record is an object of its own below the prefix.',
    },
    right('AuditList', ['s3:ListBucketVersions'], [audit.arn]),
    keyUse(key.keyArn),
  ]
}

const LEDGER_PREFIXES = Object.keys(LEDGER_WRITERS) as readonly LedgerPrefix[]
/** Since when somebody is an approver, and whose passkey it is, is in what `decide` signs: they read it there. */
const OF_WRITES = LEDGER_PREFIXES.filter(prefix => prefix !== 'members' && prefix !== 'enrolled')

const below = ({ state: { audit } }: Means, prefixes: readonly LedgerPrefix[]): readonly string[] =>
  prefixes.map(prefix => `${audit.arn}/${prefix}/*`)

/** What the bucket policy lets this function alone put. */
const puts = (means: Means, name: FunctionName): Permission => ({
  sid: 'PutOwnObjects',
  actions: ['s3:PutObject'],
  resources: below(
    means,
    LEDGER_PREFIXES.filter(prefix => LEDGER_WRITERS[prefix] === name),
  ),
  wildcard: 'Each proposal has objects of its own below the prefix.',
})

/** A version that is there, below these prefixes alone. */
const readObjects = (means: Means, prefixes: readonly LedgerPrefix[]): Permission => ({
  sid: 'ReadObjects',
  actions: ['s3:GetObjectVersion'],
  resources: below(means, prefixes),
  wildcard: 'Each proposal, or person, has objects of its own below the prefix.',
})

const reads = (means: Means, prefixes: readonly LedgerPrefix[]): readonly Permission[] => [
  readObjects(means, prefixes),
  {
    sid: 'ListObjects',
    actions: ['s3:ListBucketVersions'],
    resources: [means.state.audit.arn],
    conditions: { StringLike: { 's3:prefix': prefixes.map(prefix => `${prefix}/*`) } },
  },
]

const notify = ({ alerts, alertsKey }: State): readonly Permission[] => [
  right('Notices', ['sns:Publish'], [alerts.topicArn]),
  ...(alertsKey === null ? [] : [keyUse(alertsKey.keyArn, 'UseAlertsKey')]),
]

const keyUse = (arn: string, sid = 'UseKey') => right(sid, ['kms:Decrypt', 'kms:GenerateDataKey'], [arn])

const MEMBERSHIP: Permission = {
  sid: 'ReadMembership',
  actions: ['organizations:DescribeAccount'],
  resources: ['*'],
  wildcard: 'Whether an account belongs is asked before its ARN, with the ids of the organization, is known.',
}

const UNITS: Permission = {
  sid: 'ReadUnits',
  actions: ['organizations:DescribeAccount', 'organizations:ListParents'],
  resources: ['*'],
  wildcard:
    'The mode of an account may follow from its unit; ARNs hold the ids of an organization that is not known here.',
}

const ORGANIZATION: Permission = {
  sid: 'ReadOrganization',
  actions: ORGANIZATION_READS,
  resources: ['*'],
  wildcard: 'Reads only; ARNs of policies and units hold the ids of an organization that is not known here.',
}

/** Only if the bot's configuration enables it. */
function secondOpinion({ config }: Means): readonly Permission[] {
  if (!config.secondOpinion.accessAnalyzer) return []
  return [
    {
      sid: 'AskAccessAnalyzer',
      actions: [
        'access-analyzer:CheckAccessNotGranted',
        'access-analyzer:CheckNoNewAccess',
        'access-analyzer:ValidatePolicy',
      ],
      resources: ['*'],
      wildcard: 'These judge a document that is sent along; they have no resource.',
    },
  ]
}
