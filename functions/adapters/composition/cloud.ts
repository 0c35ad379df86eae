/** What the functions that decide, sweep and tell people are wired from, as their environment names it. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { settleGraceMs } from '../../domain/denial/settle-grace.ts'
import type { Observer } from '../../ports/observer.ts'
import { countedAudit } from '../aws/audit-log/counted-audit-log.ts'
import { DEFAULT_TIMEOUTS } from '../aws/client-timeouts.ts'
import { proposalsTable } from '../aws/dynamodb/proposals-table.ts'
import { secretsManager } from '../aws/messaging/secrets.ts'
import type { SlackChatOptions } from '../slack/chat/chat.ts'
import { configFile } from './config-file.ts'
import { environment } from './environment.ts'
import { lazyDrawing } from './lazy-drawing.ts'
import { lazyAuditLog, lazyChat, lazyWorkQueue } from './lazy-import.ts'

const NAMES = ['TABLE_NAME', 'SLACK_BOT_TOKEN_SECRET', 'CONFIG_FILE', 'BOT_VERSION'] as const

type SlackTimeouts = Pick<SlackChatOptions, 'timeoutMs' | 'budgetMs' | 'tries' | 'firstWaitMs'>

/** `slack`: how long a call of Slack may take; somebody may be waiting for the answer. */
export function cloud(env: NodeJS.ProcessEnv, observer: Observer, slack: SlackTimeouts = {}) {
  const { AUDIT_BUCKET: bucket } = environment(env, [...NAMES, 'AUDIT_BUCKET'])
  const parts = cloudWithoutAudit(env, slack)
  const audit = lazyAuditLog(async () => {
    const { bucketAudit } = await import('./bucket-audit.ts')
    return bucketAudit({ bucket, prefix: env['AUDIT_PREFIX'] ?? 'audit', notes: parts.store })
  })
  return { ...parts, observer, audit: countedAudit(audit, observer) }
}

/** For what decides and changes nothing. */
export function cloudWithoutAudit(env: NodeJS.ProcessEnv, slack: SlackTimeouts = {}) {
  const names = environment(env, NAMES)
  const clock = Date.now
  const config = configFile(names.CONFIG_FILE)
  const secrets = secretsManager({ client: new SecretsManagerClient(DEFAULT_TIMEOUTS), clock })
  const store = proposalsTable({
    client: new DynamoDBClient(DEFAULT_TIMEOUTS),
    tableName: names.TABLE_NAME,
    settleGraceMs: settleGraceMs(config),
  })
  const chat = lazyChat(async () => {
    const { slackChat } = await import('../slack/chat/chat.ts')
    const token = () => secrets.current(names.SLACK_BOT_TOKEN_SECRET)
    return slackChat({ token, apiUrl: env['SLACK_API_URL'], ...slack })
  })
  return {
    clock,
    config,
    secrets,
    store,
    chat,
    botVersion: names.BOT_VERSION,
    drawing: lazyDrawing({ config, chat }),
    queue: lazyWorkQueue(async () => {
      const { workQueues } = await import('./work-queues.ts')
      return workQueues({ proposeUrl: env['PROPOSE_QUEUE_URL'] ?? null, applyUrl: env['APPLY_QUEUE_URL'] ?? null })
    }),
  }
}
