/** What most functions share, built from environment variables: table, secrets, chat, work queues, audit log. */

import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { settleGraceMs } from '../../../core/denial/index.ts'
import type { BotConfig } from '../../domain/config/index.ts'
import type { AccountMembership } from '../../ports/access-reader.ts'
import type { DeployReader } from '../../ports/deploy-reader.ts'
import type { Notifier } from '../../ports/notifier.ts'
import type { Observer } from '../../ports/observer.ts'
import type { WorkQueue } from '../../ports/work-queue.ts'
import type { AuditLogOptions } from '../aws/audit-log/append-to-chain.ts'
import { countedAudit } from '../aws/audit-log/counted-audit-log.ts'
import { DEFAULT_TIMEOUTS } from '../aws/clients/client-timeouts.ts'
import { secretsManager } from '../aws/messaging/secrets.ts'
import { cloudUnits } from './account-units.ts'
import { CHAT_TOKEN, type ChatTimeouts, cloudChat, workspaceIn } from './chat/chat.ts'
import { cloudStore } from './cloud-store.ts'
import { deployedConfig } from './deployed-config.ts'
import { environment } from './environment.ts'
import { lazyAuditLog, lazyPort } from './lazy-import.ts'
import { cardRenderer } from './renderer.ts'

const NAMES = ['TABLE_NAME', CHAT_TOKEN, 'BOT_VERSION', 'AUDIT_BUCKET'] as const

/** `signing`: for a function that signs its audit records. */
export async function cloud(
  env: NodeJS.ProcessEnv,
  observer: Observer,
  timeouts: ChatTimeouts = {},
  signing?: AuditLogOptions['signing'],
) {
  const names = environment(env, NAMES)
  const clock = Date.now
  const running = await deployedConfig(env, observer)
  const config: BotConfig =
    env['PERMISSION_SETS'] === 'no' ? { ...running.config, writesPermissionSets: false } : running.config
  const workspace = workspaceIn(env)
  const secrets = secretsManager({ client: new SecretsManagerClient(DEFAULT_TIMEOUTS), clock })
  const store = cloudStore({
    tableName: names.TABLE_NAME,
    observer,
    settleGraceMs: settleGraceMs(config),
  })
  const chat = cloudChat(env, secrets, timeouts)
  const queue = lazyPort<WorkQueue>(
    async () => {
      const { sqsQueue } = await import('../aws/messaging/sqs-queue.ts')
      return sqsQueue({
        proposeUrl: env['PROPOSE_QUEUE_URL'] ?? null,
        verifyUrl: env['VERIFY_QUEUE_URL'] ?? null,
        publishUrl: env['PUBLISH_QUEUE_URL'] ?? null,
      })
    },
    { send: true },
  )
  const units = cloudUnits(env)
  const renderer = cardRenderer({ config, chat, units })
  const log = lazyAuditLog(async () => {
    const { s3AuditLog } = await import('../aws/audit-log/s3-audit-log.ts')
    const place = { bucket: names.AUDIT_BUCKET, prefix: env['AUDIT_PREFIX'] ?? 'audit', markers: store }
    return s3AuditLog({ ...place, observer, ...(signing === undefined ? {} : { signing }) })
  })
  const audit = countedAudit(log, observer)
  return {
    clock,
    config,
    running,
    workspace,
    secrets,
    store,
    chat,
    units,
    queue,
    renderer,
    observer,
    audit,
    botVersion: names.BOT_VERSION,
  }
}

/** Reads the deploy tools of every account through its reader role. */
export function cloudDeployReader(role: {
  readonly roleName: string
  readonly region: string
  readonly membershipOf: AccountMembership
}): DeployReader {
  return lazyPort<DeployReader>(
    async () => {
      const [{ deployReader }, { assumedAccess }] = await Promise.all([
        import('../aws/deploy-tools/deploy-reader.ts'),
        import('../aws/iam/account-access.ts'),
      ])
      return deployReader({ access: assumedAccess(role) })
    },
    { stack: true, template: true, failedActions: true, failedParts: true, buildRoles: true, logTail: true },
  )
}

/** Loads with the first notice. */
export function cloudNotifier(env: NodeJS.ProcessEnv): Notifier {
  const { ALERT_TOPIC_ARN: topicArn } = environment(env, ['ALERT_TOPIC_ARN'])
  return lazyPort<Notifier>(
    async () => {
      const [{ SNSClient }, { snsNotifier }] = await Promise.all([
        import('@aws-sdk/client-sns'),
        import('../aws/messaging/sns-notifier.ts'),
      ])
      return snsNotifier({ client: new SNSClient(DEFAULT_TIMEOUTS), topicArn })
    },
    { publish: true },
  )
}
