/** One read-only call of a service with AWS's JSON protocol, for which no client is bundled. */

import * as z from 'zod'
import type { AccountRegion } from '../../../../core/base/index.ts'
import { type Credentials, sendSigned, serviceEndpoint } from '../clients/signed-request.ts'

export type JsonCall = {
  /** The service in the host and the signature, such as `codebuild`. */
  readonly service: string
  /** `CodeBuild_20161006.BatchGetBuilds` */
  readonly target: string
  readonly body: object
}

export type JsonCallOptions = {
  readonly fetch?: typeof globalThis.fetch | undefined
  /** Scheme and host. Absent: the service's own of the Region. */
  readonly endpoint?: string | undefined
}

const TIMEOUT_MS = 10_000
const MAX_BYTES = 4_000_000

const fault = z.object({ __type: z.string().catch(''), message: z.string().catch('') })

/** Throws an error with the name that the SDK's clients give it. */
export async function askJson(
  { region }: Pick<AccountRegion, 'region'>,
  { service, target, body }: JsonCall,
  credentials: Credentials,
  { fetch, endpoint = serviceEndpoint(service, region) }: JsonCallOptions = {},
): Promise<unknown> {
  const answer = await sendSigned(
    { service, region, credentials, endpoint },
    {
      method: 'POST',
      path: '/',
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target },
      body: JSON.stringify(body),
    },
    { timeoutMs: TIMEOUT_MS, maxBytes: MAX_BYTES, fetch },
  )
  if (answer.status !== 200) throw faultOf(target, answer)
  return JSON.parse(answer.body) as unknown
}

function faultOf(target: string, { status, body }: { readonly status: number; readonly body: string }): Error {
  const { __type, message } = faultIn(body)
  const name = __type.split('#').at(-1) ?? ''
  const service = target.replace(/_?\d{8}.*/, '')
  return Object.assign(new Error(message === '' ? `${service} answered ${status}` : message), { name })
}

function faultIn(body: string): z.infer<typeof fault> {
  try {
    return fault.parse(JSON.parse(body))
  } catch {
    return { __type: '', message: '' }
  }
}
