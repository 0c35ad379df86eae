/** What each function and each human role of the hub may do, all of it together, as the deployed policies say. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { puttersBelow } from '../../cli/use-cases/doctor/audit-bucket.ts'
import type { KeyUse } from '../../functions/domain/authority/statement.ts'
import { FUNCTIONS } from '../../infra/functions.ts'
import { AUDIT_PREFIX, LEDGER_WRITERS, nameOf, queueName } from '../../infra/names.ts'
import { deploy, EVERY_OPINION, ORGANIZATION } from '../infra/deployment.ts'
import { inAccount } from '../infra/resolved.ts'
import { allowed } from '../infra/statements.ts'

/** Queues whose messages have something written to IAM, believed as written, or pushed as code. */
const QUEUES = ['verify', 'write', 'outcome', 'publish'] as const
export type Queue = (typeof QUEUES)[number]

export type Abilities = {
  readonly signs: readonly KeyUse[]
  readonly puts: readonly string[]
  readonly sends: readonly Queue[]
  /** Proposals in the table. */
  readonly stores: boolean
  /** Objects of the audit log. */
  readonly logs: boolean
  /** Moves old messages back into their queues. */
  readonly redelivers: boolean
  /** Reads the token of Slack: posts, and edits cards. */
  readonly chats: boolean
  /** Reads the signing secret of Slack: presses in the name of anybody. */
  readonly presses: boolean
}
export const NOBODY: Abilities = {
  ...{ signs: [], puts: [], sends: [], stores: false },
  ...{ logs: false, redelivers: false, chats: false, presses: false },
}

const PREFIXES = Object.keys(LEDGER_WRITERS)
const KEYS: { readonly [key: string]: KeyUse } = {
  DecisionsKey: 'decisions',
  AttestationsKey: 'attestations',
  OutcomesKey: 'outcomes',
  EnrollmentsKey: 'enrollments',
}

/** Each function but `write`, which alone writes to IAM: with its role, everything is possible. */
export function attackers(): readonly (readonly [string, Abilities])[] {
  const deployed = deploy({ organization: ORGANIZATION }, EVERY_OPINION)
  const hub = ORGANIZATION.hubAccountId
  const bot = inAccount(deployed.templates['rolemedic-bot'], hub)
  const grants = allowed(deployed)
  const [bucket] = inAccount(deployed.templates['rolemedic-state'], hub).all('AWS::S3::BucketPolicy')
  const policy = JSON.stringify(bucket?.['PolicyDocument']).replaceAll(/<AuditBucket\w+\.Arn>/g, 'arn:aws:s3:::audit')
  const by = { partition: 'aws', hubAccountId: hub, rolePath: '/' }
  const below = (prefix: string) => puttersBelow({ name: 'audit', policy }, prefix, by)

  const functionAbilities = (name: string): Abilities => {
    const on = (action: string) =>
      JSON.stringify(
        grants
          .filter(({ role, actions }) => role === `rolemedic-${name}` && actions.includes(action))
          .map(one => one.resources),
      )
    const put = (prefix: string) => on('s3:PutObject').includes(`/${prefix}/*`) && below(prefix).includes(name)
    const stored = JSON.stringify(bot.rolePolicies(`rolemedic-${name}`)).split('"Sid"')
    return {
      signs: Object.entries(KEYS).flatMap(([key, use]) => (on('kms:Sign').includes(key) ? [use] : [])),
      puts: PREFIXES.filter(put),
      sends: QUEUES.filter(queue => new RegExp(`"Queue${queue}[0-9A-F]{8}"`).test(on('sqs:SendMessage'))),
      stores: stored.some(one => one.includes('dynamodb:PutItem') && one.includes('"proposal#*"')),
      logs: put(AUDIT_PREFIX),
      redelivers: on('sqs:StartMessageMoveTask') !== '[]',
      chats: on('secretsmanager:GetSecretValue').includes('BotToken'),
      presses: on('secretsmanager:GetSecretValue').includes('SigningSecret'),
    }
  }
  /** An administrator of a hub without the SCPs: all that no policy of a resource denies. */
  const administrator: Abilities = {
    ...{ signs: [], sends: [], stores: true, redelivers: true, chats: false, presses: false },
    puts: PREFIXES.filter(prefix => below(prefix).includes('an administrator')),
    logs: below(AUDIT_PREFIX).includes('an administrator'),
  }
  return [
    ...FUNCTIONS.filter(name => nameOf(name) !== nameOf('write')).map(name => [name, functionAbilities(name)] as const),
    ['platform-operates-rolemedic', operatorAbilities()],
    ['administrator', administrator],
    ['the token of Slack', { ...NOBODY, chats: true }],
    ['the signing secret of Slack', { ...NOBODY, presses: true }],
    ['both secrets of Slack', { ...NOBODY, chats: true, presses: true }],
  ]
}

/** The role of on-call people, from its policy. */
function operatorAbilities(): Abilities {
  const file = join(import.meta.dirname, '../../infra/policies/platform-operates-rolemedic.json')
  const { Statement } = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly Statement: readonly {
      readonly Action: string | string[]
      readonly Resource: string | string[]
      readonly Condition?: object
    }[]
  }
  const may = (action: string) => Statement.filter(({ Action }) => [Action].flat().includes(action))
  const sent = may('sqs:SendMessage').flatMap(({ Resource }) => [Resource].flat())
  return {
    signs: may('kms:Sign').length > 0 ? Object.values(KEYS) : [],
    puts: may('s3:PutObject').length > 0 ? PREFIXES : [],
    sends: QUEUES.filter(name => sent.some(arn => arn.endsWith(`:${queueName(name)}`))),
    // The item that stops granting is no proposal.
    stores: may('dynamodb:PutItem').some(({ Condition = {} }) => !JSON.stringify(Condition).includes('"note#stopped"')),
    logs: may('s3:PutObject').length > 0,
    redelivers: may('sqs:StartMessageMoveTask').length > 0,
    chats: may('secretsmanager:GetSecretValue').length > 0,
    presses: may('secretsmanager:GetSecretValue').length > 0,
  }
}
