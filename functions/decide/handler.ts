import { setTimeout as delay } from 'node:timers/promises'
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda'
import { powertools } from '../adapters/aws/observability/powertools.ts'
import { unitsWithin } from '../adapters/composition/account-units.ts'
import { CHAT_LIMITS, CHAT_TOKEN } from '../adapters/composition/chat/chat.ts'
import { appIdIn, CHAT_SIGNING, chatEndpoint } from '../adapters/composition/chat/endpoint.ts'
import { cloud } from '../adapters/composition/cloud.ts'
import { environment } from '../adapters/composition/environment.ts'
import { lazyImport } from '../adapters/composition/lazy-import.ts'
import { cloudKeys, cloudSigner } from '../adapters/composition/signing.ts'
import { cloudLedger } from '../adapters/composition/writing.ts'
import { passkeyRuleOf } from '../domain/config/index.ts'
import type { Person } from '../domain/messages/index.ts'
import { makeDecide, makeNotifyFailed } from './decide.ts'

const names = environment(process.env, [
  CHAT_SIGNING,
  CHAT_TOKEN,
  'VERIFY_QUEUE_URL',
  'DEPLOYMENT_ID',
  'DECISIONS_KEY_ARN',
  'PASSKEY_ORIGIN',
])
const observer = powertools('decide')
const parts = await cloud(process.env, observer, CHAT_LIMITS.decide)
const { clock, secrets } = parts
const keys = cloudKeys(process.env)
/** What every press needs, and no request decides. A failure comes again where it is needed. */
const warmUp = () => Promise.allSettled([secrets.current(names[CHAT_TOKEN]), keys.ring()])

/** Where the last request came in. */
let ownAddress = ''

const ownTrials = lazyImport(() => import('../adapters/composition/self-tests/decide.ts'))
const selfTest = {
  async wake() {
    const { wakeFunctions } = await import('../adapters/composition/self-tests/wake.ts')
    await wakeFunctions(process.env)
  },
  trials: async (by: Person) => {
    const signingSecret = () => secrets.current(names[CHAT_SIGNING])
    const { decideTrials } = await ownTrials()
    return decideTrials(process.env, { ...parts, signingSecret }, { address: ownAddress, by: by.id })
  },
}

const deciding = {
  ...parts,
  sleep: (ms: number) => delay(ms),
  units: unitsWithin(parts.units, 1_200),
  keys,
  signer: cloudSigner(process.env, 'decisions'),
  ledger: cloudLedger(process.env),
  deploymentId: names.DEPLOYMENT_ID,
  appId: appIdIn(process.env),
  selfTest,
  passkeys: passkeyRuleOf(parts.config, names.PASSKEY_ORIGIN),
}

/** Loaded with the first of its requests: a press waits for nothing that only the page needs. */
const page = lazyImport(async () => {
  const [{ approvalEndpoint }, { approvalPage, approveWithPasskey }] = await Promise.all([
    import('../adapters/web/passkey-endpoint.ts'),
    import('./passkey-page.ts'),
  ])
  return approvalEndpoint({
    page: nonce => approvalPage(nonce, deciding),
    approve: (nonce, signed) => approveWithPasskey(nonce, signed, deciding),
    observer,
  })
})

const answer = chatEndpoint(process.env, {
  secrets,
  warmUp,
  handle: makeDecide(deciding),
  notifyFailed: makeNotifyFailed(parts),
  observer,
  clock,
})

/** `timeEpoch`: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html */
export const handler = ({
  headers,
  body,
  isBase64Encoded,
  requestContext,
}: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> =>
  observer.traced(async () => {
    const { method = 'POST', path = '' } = requestContext.http ?? {}
    if (path.startsWith('/approve/')) return (await page())({ method, path, body, isBase64Encoded })
    ownAddress = `https://${requestContext.domainName}${path}`
    return answer({ headers, body, isBase64Encoded, receivedAtMs: requestContext.timeEpoch })
  })
