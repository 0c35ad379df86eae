/**
 * Proves who asks: the asker signs a request of `sts:GetCallerIdentity` over the digest of what they ask for, and the function that is asked sends it to
 * STS. It gives away no credentials, and serves for nothing else.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
 */
import { fail, ok, type Result } from '../../../../core/base/index.ts'
import { personOfCaller } from '../../../domain/authority/index.ts'
import type { BotConfig } from '../../../domain/config/index.ts'
import type { Administrator, Administrators, SignedCaller } from '../../../ports/passkeys/administrators.ts'
import { type Credentials, sendPrepared, serviceEndpoint, signed } from '../clients/signed-request.ts'

const BODY = 'Action=GetCallerIdentity&Version=2011-06-15'
const TYPE = 'application/x-www-form-urlencoded'
const DIGEST_HEADER = 'x-rolemedic-digest'
const TIMEOUT_MS = 5_000
const MAX_BYTES = 20_000
/** What a signature of Version 4 consists of. */
const HEADERS = ['authorization', 'x-amz-date', 'x-amz-security-token', 'x-amz-content-sha256', DIGEST_HEADER]

type Env = { readonly [name: string]: string | undefined }
const endpointOf = (region: string, env: Env): string => env['AWS_ENDPOINT_URL_STS'] ?? serviceEndpoint('sts', region)

export async function signCaller(
  digest: string,
  { region, credentials }: { readonly region: string; readonly credentials: Credentials },
  env: Env,
): Promise<SignedCaller> {
  const { headers } = await signed(
    { service: 'sts', region, credentials, endpoint: endpointOf(region, env) },
    { method: 'POST', path: '/', headers: { 'content-type': TYPE, [DIGEST_HEADER]: digest }, body: BODY },
  )
  return { headers: Object.fromEntries(Object.entries(headers).filter(([name]) => HEADERS.includes(name))) }
}

/** The whole header, so that no second list of signed headers is read. */
const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=[A-Z0-9]{16,128}\/\d{8}\/[a-z0-9-]{1,30}\/sts\/aws4_request, SignedHeaders=([a-z0-9;-]{1,300}), Signature=[0-9a-f]{64}$/

/** `administrators`: `role/NAME` or `user/NAME`, of the account. `people`: whose users and sessions are known. */
export type Whom = Pick<BotConfig, 'people'> & {
  readonly accountId: string
  readonly administrators: readonly string[]
}

/** Asks STS of the own Region, whatever host was signed for: STS refuses a signature for another one. */
export function callersOf({ region, ...whom }: { readonly region: string } & Whom, env: Env): Administrators {
  return async ({ headers }, digest) => {
    const given = Object.fromEntries(
      HEADERS.flatMap(name => (headers[name] === undefined ? [] : [[name, headers[name]]])),
    )
    const names = AUTHORIZATION.exec(given['authorization'] ?? '')?.[1]?.split(';') ?? []
    if (given[DIGEST_HEADER] !== digest || !names.includes(DIGEST_HEADER) || !names.includes('host'))
      return fail('the credentials were not signed over this request')
    const { status, body } = await sendPrepared(
      new URL('/', endpointOf(region, env)),
      { method: 'POST', headers: { ...given, 'content-type': TYPE }, body: BODY },
      { timeoutMs: TIMEOUT_MS, maxBytes: MAX_BYTES },
    )
    if (status !== 200) return fail(`AWS does not take these credentials (STS answered ${status})`)
    return callerIn(body, whom)
  }
}

const ARN =
  /<Arn>(arn:[a-z-]+:(?:iam|sts)::(\d{12}):((?:user|assumed-role|federated-user)\/[\w+=,.@/-]{1,512}|root))<\/Arn>/
const USER_ID = /<UserId>([\w:+=,.@-]{1,256})<\/UserId>/

/** Exported for its test. */
export function callerIn(body: string, { accountId, administrators, people }: Whom): Result<Administrator, string> {
  const [, name = '', account = '', rest = ''] = ARN.exec(body) ?? []
  const userId = USER_ID.exec(body)?.[1] ?? ''
  if (name === '' || userId === '') return fail('STS does not say who this is')
  if (account !== accountId)
    return fail(`only principals of account ${accountId} are asked, and this is one of ${account}`)
  const [kind = '', ...path] = rest.split('/')
  const whose = kind === 'assumed-role' ? `role/${path[0]}` : `${kind}/${path.at(-1)}`
  // The bot is none, whatever the configuration says.
  if (!administrators.includes(whose) || whose.startsWith('role/rolemedic-'))
    return fail(`${whose} is no administrator of passkeys: passkeys.administrators in the configuration names them`)
  const [id = ''] = userId.split(':')
  return ok({ name, principal: personOfCaller(name, { people }) ?? id })
}
