/** What outlives the bot: table, audit log, alerts, secrets, dead letters. */
import { Aws, Fn, Stack } from 'aws-cdk-lib'
import type { Table } from 'aws-cdk-lib/aws-dynamodb'
import type { IKey } from 'aws-cdk-lib/aws-kms'
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager'
import type { ITopic } from 'aws-cdk-lib/aws-sns'
import type { Construct } from 'constructs'
import { alertTopic } from '../constructs/state/alert-topic.ts'
import { type AuditBucket, auditBucket } from '../constructs/state/audit-bucket.ts'
import { chatSecrets } from '../constructs/state/chat-secrets.ts'
import { type DeadLetters, deadLetters } from '../constructs/state/dead-letters.ts'
import { type Endpoint, endpoint } from '../constructs/state/endpoint.ts'
import { gitHostsSecret } from '../constructs/state/git-hosts-secret.ts'
import { encryptionKey } from '../constructs/state/key.ts'
import { proposalsTableConstruct } from '../constructs/state/proposals-table.ts'
import { type SigningKeys, signingKeys } from '../constructs/state/signing-keys.ts'
import { PREFIX } from '../names.ts'
import type { DeploySettings } from '../settings.ts'
import { hubEnvironment } from './hub-environment.ts'

export type State = {
  readonly stack: Stack
  readonly key: IKey
  readonly table: Table
  readonly audit: AuditBucket
  readonly alerts: ITopic
  /** Null: an existing topic, whose key is its owner's. */
  readonly alertsKey: IKey | null
  readonly secrets: ReturnType<typeof chatSecrets>
  readonly gitHosts: ISecret
  readonly dead: DeadLetters
  readonly signing: SigningKeys
  readonly endpoint: Endpoint
  /** Made with this stack, and the same for as long as it is there. */
  readonly deploymentId: string
}

export function stateStack(scope: Construct, settings: DeploySettings): State {
  const stack = new Stack(scope, `${PREFIX}-state`, {
    description: 'rolemedic: table, audit log, alerts, secrets',
    terminationProtection: true,
    env: hubEnvironment(settings),
  })
  const key = encryptionKey(stack, settings)
  const audit = auditBucket(stack, settings, key)
  const table = proposalsTableConstruct(stack)
  const alerts = alertTopic(stack, settings)
  return {
    stack,
    key,
    table,
    audit,
    alerts: alerts.topic,
    alertsKey: alerts.key,
    secrets: chatSecrets(stack),
    gitHosts: gitHostsSecret(stack, settings),
    dead: deadLetters(stack, settings),
    signing: signingKeys(stack, settings),
    endpoint: endpoint(stack, settings),
    deploymentId: deploymentId(stack),
  }
}

/** The UUID at the end of the stack's own id: `arn:…:stack/rolemedic-state/<UUID>`. */
const deploymentId = (stack: Stack): string =>
  stack.exportValue(Fn.select(2, Fn.split('/', Aws.STACK_ID)), { name: `${PREFIX}-deployment-id` })
