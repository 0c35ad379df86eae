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

const text = z.string().catch('')
/** Either name of the message: https://github.com/boto/botocore/blob/develop/botocore/parsers.py */
const fault = z.object({ __type: text, message: text, Message: text })

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

/** Empty where the answer does not say. */
export function faultIn(body: string): { readonly __type: string; readonly message: string } {
  try {
    const { __type, message, Message } = fault.parse(JSON.parse(body))
    return { __type, message: message || Message }
  } catch {
    return { __type: '', message: '' }
  }
}
