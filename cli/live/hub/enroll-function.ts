/** The function `enroll` of the hub, asked with the credentials that the AWS CLI would use. */
import { UsageError } from '../../../core/base/index.ts'
import { sendSigned, serviceEndpoint } from '../../../functions/adapters/aws/clients/index.ts'
import { signCaller } from '../../../functions/adapters/aws/sts/index.ts'
import { askDigest, type EnrollAnswer } from '../../../functions/enroll/index.ts'
import { nameOf } from '../../../infra/names.ts'
import type { EnrollFunction } from '../../use-cases/operate/passkeys.ts'
import type { UseCaseWorld } from '../../use-cases/world.ts'
import { cliAccess, type HubPlace } from '../cli-access.ts'

const TIMEOUT_MS = 30_000
const MAX_BYTES = 2_000_000

/** `identity`: the profile that signs who asks; null: the one that invokes. */
type EnrollPlace = HubPlace & { readonly identity: string | null }

export function liveEnroll({ identity, ...place }: EnrollPlace, { env }: Pick<UseCaseWorld, 'env'>): EnrollFunction {
  return async ask => {
    const { region, credentials } = await cliAccess(place, { env })
    const endpoint = env['AWS_ENDPOINT_URL_LAMBDA'] ?? env['AWS_ENDPOINT_URL'] ?? serviceEndpoint('lambda', region)
    const own = identity === null ? credentials : (await cliAccess({ profile: identity, region }, { env })).credentials
    const caller = await signCaller(askDigest(ask), { region, credentials: own }, env)
    const { status, body } = await sendSigned(
      { service: 'lambda', region, credentials, endpoint },
      {
        method: 'POST',
        path: `/2015-03-31/functions/${nameOf('enroll')}/invocations`,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ ...ask, caller }),
      },
      { timeoutMs: TIMEOUT_MS, maxBytes: MAX_BYTES },
    )
    const answer = jsonOf(body)
    if (status === 200 && isAnswer(answer)) return answer
    throw new UsageError(whyNot(status, region))
  }
}

/** https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_Errors */
function whyNot(status: number, region: string): string {
  const name = nameOf('enroll')
  if (status === 403) return `these credentials may not invoke ${name}: it takes lambda:InvokeFunction`
  if (status === 404) return `no function ${name} in ${region}: use the credentials and the Region of the hub`
  return `${name} did not answer (HTTP ${status}): its log says why`
}

const isAnswer = (answer: unknown): answer is EnrollAnswer =>
  typeof answer === 'object' && answer !== null && ('done' in answer || 'refused' in answer)

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body) as unknown
  } catch {
    return null
  }
}
