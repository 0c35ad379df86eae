/** Puts one event on the default bus of the account, with the credentials of a job. */

import * as z from 'zod'
import { neutralText } from '../../../../core/base/index.ts'
import { type Credentials, sendSigned, serviceEndpoint } from '../clients/signed-request.ts'

type CustomEvent = { readonly source: string; readonly type: string; readonly detail: object }

const TIMEOUT_MS = 10_000
const MAX_BYTES = 100_000

const answered = z.object({
  FailedEntryCount: z.int(),
  Entries: z.array(z.object({ ErrorCode: z.optional(z.string()) })),
})
const refused = z.object({ __type: z.string() })

/** Throws with AWS's code. https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html */
export async function putEvent(
  { source, type, detail }: CustomEvent,
  { region, credentials }: { readonly region: string; readonly credentials: Credentials },
  env: { readonly [name: string]: string | undefined },
): Promise<void> {
  // The SDK's naming scheme for such a variable: for an endpoint inside a network, and for tests.
  const endpoint = env['AWS_ENDPOINT_URL_EVENTBRIDGE'] ?? serviceEndpoint('events', region)
  const entry = { Source: source, DetailType: type, Detail: JSON.stringify(detail) }
  const { status, body } = await sendSigned(
    { service: 'events', region, credentials, endpoint },
    {
      method: 'POST',
      path: '/',
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'AWSEvents.PutEvents' },
      body: JSON.stringify({ Entries: [entry] }),
    },
    { timeoutMs: TIMEOUT_MS, maxBytes: MAX_BYTES },
  )
  const code = status === 200 ? codeOfEntry(body) : codeOfRefusal(body, status)
  if (code !== null) throw new Error(`events:PutEvents: ${neutralText(code, 200)}`)
}

function codeOfEntry(body: string): string | null {
  const read = answered.safeParse(parsed(body))
  if (!read.success) return 'the answer cannot be read'
  return read.data.FailedEntryCount === 0 ? null : (read.data.Entries[0]?.ErrorCode ?? 'the entry failed')
}

function codeOfRefusal(body: string, status: number): string {
  const read = refused.safeParse(parsed(body))
  return read.success ? (read.data.__type.split('#').at(-1) ?? '') : String(status)
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return null
  }
}
