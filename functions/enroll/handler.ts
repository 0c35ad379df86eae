import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda'
import { DEFAULT_TIMEOUTS } from '../adapters/aws/clients/client-timeouts.ts'
import { secretsManager } from '../adapters/aws/messaging/secrets.ts'
import { powertools } from '../adapters/aws/observability/powertools.ts'
import { callersOf } from '../adapters/aws/sts/signed-caller.ts'
import { CHAT_RENDERER, CHAT_TOKEN, cloudChat } from '../adapters/composition/chat/chat.ts'
import { configFile, environment } from '../adapters/composition/environment.ts'
import { cloudKeys, cloudSigner } from '../adapters/composition/signing.ts'
import { cloudLedger } from '../adapters/composition/writing.ts'
import { enrollEndpoint } from '../adapters/web/passkey-endpoint.ts'
import { passkeyRuleOf } from '../domain/config/index.ts'
import { consumeAsk } from './consumer.ts'
import { makeEnroll } from './enroll.ts'

const names = environment(process.env, [
  'CONFIG_FILE',
  'DEPLOYMENT_ID',
  'PASSKEY_ORIGIN',
  'BOT_ACCOUNT_ID',
  'AWS_REGION',
  CHAT_TOKEN,
])
const observer = powertools('enroll')
const config = configFile(names.CONFIG_FILE)
const secrets = secretsManager({ client: new SecretsManagerClient(DEFAULT_TIMEOUTS), clock: Date.now })
const enroll = makeEnroll({
  ledger: cloudLedger(process.env),
  signer: cloudSigner(process.env, 'enrollments'),
  keys: cloudKeys(process.env),
  deploymentId: names.DEPLOYMENT_ID,
  passkeys: passkeyRuleOf(config, names.PASSKEY_ORIGIN),
  config,
  chat: cloudChat(process.env, secrets),
  renderer: CHAT_RENDERER,
  administrators: callersOf(
    {
      ...{ region: names.AWS_REGION, accountId: names.BOT_ACCOUNT_ID },
      administrators: config.passkeys.administrators,
      people: config.people,
    },
    process.env,
  ),
  clock: Date.now,
  observer,
})
const page = enrollEndpoint({ deploymentId: names.DEPLOYMENT_ID, confirm: enroll.confirmed, observer })

type Answer = APIGatewayProxyStructuredResultV2 | Awaited<ReturnType<typeof consumeAsk>>

/** API Gateway always says how it was asked; a person who invokes the function themself has the permission of the account to. */
export const handler = (event: APIGatewayProxyEventV2 | { readonly ask: unknown }): Promise<Answer> =>
  observer.traced(async () => {
    if (!('requestContext' in event)) return consumeAsk(event, enroll)
    const { http } = event.requestContext
    const { body, isBase64Encoded } = event
    return page({ method: http.method, path: http.path, body, isBase64Encoded })
  })
