import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda'
import { DEFAULT_TIMEOUTS } from '../adapters/aws/clients/client-timeouts.ts'
import { secretsManager } from '../adapters/aws/messaging/secrets.ts'
import { powertools } from '../adapters/aws/observability/powertools.ts'
import { CHAT_SITE } from '../adapters/composition/chat/chat.ts'
import { cloudStore } from '../adapters/composition/cloud-store.ts'
import { codeHosts } from '../adapters/composition/code-hosts.ts'
import { deployedConfig } from '../adapters/composition/deployed-config.ts'
import { environment } from '../adapters/composition/environment.ts'
import { lazyImport } from '../adapters/composition/lazy-import.ts'
import { cloudKeys } from '../adapters/composition/signing.ts'
import { isSelfTest, makeSelfTest, runTrials, type SelfTestJob } from '../workflows/self-test.ts'
import { consume } from './consumer.ts'
import { makePublish } from './publish.ts'

const names = environment(process.env, ['TABLE_NAME', 'GIT_HOSTS_SECRET', 'DEPLOYMENT_ID'])
const observer = powertools('publish')
const { config } = await deployedConfig(process.env, observer)
const clock = Date.now
const secrets = secretsManager({ client: new SecretsManagerClient(DEFAULT_TIMEOUTS), clock })
// Grammars and editors of all languages load with the first edit: a poll needs none.
const editor = lazyImport(async () => {
  const [{ editCode }, { loadParsers }] = await Promise.all([
    import('../../iac/edit/edit-code.ts'),
    import('../adapters/syntax/parsers.ts'),
  ])
  return { editCode, parsers: await loadParsers() }
})
const store = cloudStore({
  tableName: names.TABLE_NAME,
  observer,
  // It reads and writes markers alone.
  settleGraceMs: 0,
})
const publish = makePublish({
  store,
  hosts: codeHosts({ config, secrets, secretName: names.GIT_HOSTS_SECRET, clock }),
  edit: async (changes, files, hints, leftOut) => {
    const { editCode, parsers } = await editor()
    return editCode(changes, files, hints, parsers, leftOut)
  },
  config,
  keys: cloudKeys(process.env),
  deploymentId: names.DEPLOYMENT_ID,
  site: CHAT_SITE,
  clock,
  observer,
})

const selfTest = makeSelfTest('publish', { store, clock, observer }, async () => {
  const { publishTrials } = await import('../adapters/composition/self-tests/publish.ts')
  return { publish: await runTrials(publishTrials(process.env, config)) }
})

const processor = new BatchProcessor(EventType.SQS)

/** In sequence: hosts limit how much one app may do at once. */
export const handler = (event: SQSEvent | SelfTestJob, context: Context): Promise<SQSBatchResponse | null> =>
  isSelfTest(event)
    ? observer.traced(selfTest).then(() => null)
    : processPartialResponse(
        event,
        ({ body }: SQSRecord) => observer.traced(() => consume(body, { publish, observer })),
        processor,
        { context, processInParallel: false },
      )
