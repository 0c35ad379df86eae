/** The table of each function's access, generated from its permissions. */

import { CHAT_NAME } from '../../functions/domain/config/index.ts'
import { CONSUMED_QUEUES } from '../../infra/capacity.ts'
import type { Permission } from '../../infra/constructs/roles/permission.ts'
import { type Means, permissionsOf } from '../../infra/constructs/roles/permissions.ts'
import { FUNCTIONS, type FunctionName } from '../../infra/functions.ts'
import { AUDIT_PREFIX } from '../../infra/names.ts'
import { firstLineOf } from './rooms.ts'

const keyIn = (words: string) => ({ signs: words, all: [words] })

/** A word in place of each ARN, for an organization with all settings enabled. */
const MEANS = {
  config: { secondOpinion: { accessAnalyzer: true, policySimulator: true } },
  settings: { organization: { id: 'o-abc1234567' }, rolePath: '/' },
  state: {
    stack: { account: '111122223333', partition: 'aws', region: 'eu-west-1' },
    table: { tableArn: 'the table' },
    audit: { arn: 'the bucket' },
    key: { keyArn: 'the key of data' },
    alerts: { topicArn: 'the alert topic' },
    alertsKey: null,
    signing: {
      decisions: keyIn('the key of decisions'),
      attestations: keyIn('the key of attestations'),
      outcomes: keyIn('the key of outcomes'),
      enrollments: keyIn('the key of enrollments'),
      audit: keyIn('the key of earlier versions'),
    },
    secrets: {
      talks: { secretArn: `the ${CHAT_NAME} token` },
      hears: { secretArn: `the ${CHAT_NAME} signing secret` },
    },
    gitHosts: { secretArn: 'the tokens of Git hosts' },
  },
  queues: Object.fromEntries(CONSUMED_QUEUES.map(name => [name, { queueArn: `the queue of \`${name}\`` }])),
} as unknown as Means

const OF_ORGANIZATION: { readonly [action: string]: string } = {
  'organizations:DescribeAccount': 'accounts of the organization',
  'organizations:DescribePolicy': 'its guardrails',
  'organizations:ListParents': 'its units',
  'organizations:ListPoliciesForTarget': 'its guardrails',
}

/** Null: implied by the others, as for encrypted data and queues. */
const VERBS: { readonly [action: string]: string | null } = {
  'access-analyzer:CheckAccessNotGranted': 'asks',
  'access-analyzer:CheckNoNewAccess': 'asks',
  'access-analyzer:ValidatePolicy': 'asks',
  'dynamodb:GetItem': 'reads',
  'dynamodb:PutItem': 'writes',
  'dynamodb:Query': 'queries',
  'dynamodb:UpdateItem': 'counts in',
  'events:PutEvents': 'asks',
  'kms:Decrypt': null,
  'kms:GenerateDataKey': null,
  'kms:GetPublicKey': 'verifies with',
  'kms:Sign': 'signs with',
  'organizations:DescribeAccount': 'reads',
  'organizations:DescribeOrganization': 'reads',
  'organizations:DescribePolicy': 'reads',
  'organizations:ListParents': 'reads',
  'organizations:ListPoliciesForTarget': 'reads',
  's3:GetObjectVersion': 'reads',
  's3:ListBucketVersions': null,
  's3:PutObject': 'appends to',
  'secretsmanager:GetSecretValue': 'reads',
  'sns:Publish': 'publishes to',
  'sqs:DeleteMessage': null,
  'sqs:GetQueueAttributes': null,
  'sqs:ReceiveMessage': 'takes from',
  'sqs:SendMessage': 'sends to',
  'sts:AssumeRole': 'assumes',
  'sts:SetSourceIdentity': null,
  'sts:TagSession': null,
}

export function functionsTable(
  functions: readonly string[] = FUNCTIONS,
  permissions: (name: string) => readonly Permission[] = name => permissionsOf(name as FunctionName, MEANS),
  questionOf: (name: string) => string = name => firstLineOf(`functions/${name}`),
): readonly (readonly string[])[] {
  return [
    ['function', 'question', 'may'],
    ...functions.map(name => [`\`${name}\``, questionOf(name), inWords(permissions(name))]),
  ]
}

/** Each verb once per object: `reads and writes the table`. */
function inWords(permissions: readonly Permission[]): string {
  const verbs = new Map<string, Set<string>>()
  for (const { actions, resources } of permissions)
    for (const action of actions) {
      const verb = VERBS[action]
      if (verb === undefined) throw new Error(`tools/architecture/access.ts has no words for ${action}`)
      if (verb === null) continue
      for (const resource of resources) {
        const thing = thingOf(action, resource)
        verbs.set(thing, (verbs.get(thing) ?? new Set()).add(verb))
      }
    }
  const things = Map.groupBy(verbs, ([, verb]) => listed([...verb]))
  return [...things].map(([verb, named]) => `${verb} ${listed(named.map(([thing]) => thing))}`).join('; ')
}

function thingOf(action: string, resource: string): string {
  const [service = ''] = action.split(':')
  if (service === 'organizations') return OF_ORGANIZATION[action] ?? 'the organization'
  if (service === 'events') return 'the other functions to try their permissions'
  if (service === 'access-analyzer') return 'Access Analyzer, where `secondOpinion` says so'
  const role = /:role\/(?:.*\/)?([\w-]+)$/.exec(resource)?.[1]
  if (role !== undefined) return `\`${role}\` of each account`
  const prefix = /^the bucket\/(\w+)\/\*$/.exec(resource)?.[1]
  if (prefix !== undefined) return prefix === AUDIT_PREFIX ? 'the audit log' : `\`${prefix}/\``
  return resource.replace(/\/.*$/, '')
}

const listed = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
