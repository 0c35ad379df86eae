/**
 * AWS's service reference: one JSON file per service, with the actions that each API operation authorizes.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/service-reference.html
 */

import { z } from 'zod'
import { passesRoles } from '../../core/actions/index.ts'
import { eventSourceNamed } from '../../core/denial/index.ts'
import { mergedRows, type PublishedRow } from './published-row.ts'

export const SERVICE_LIST = 'https://servicereference.us-east-1.amazonaws.com/v1/service-list.json'
const HOST = new URL(SERVICE_LIST).host
const MAX_BYTES = 20_000_000
const TIMEOUT_MS = 30_000
const AT_ONCE = 8

const listSchema = z.array(z.object({ service: z.string(), url: z.string() }))
const actionSchema = z.object({
  Name: z.string(),
  Service: z.string(),
  Context: z.optional(z.record(z.string(), z.array(z.string()))),
})
const serviceSchema = z.object({
  Name: z.string(),
  Operations: z.optional(z.array(z.object({ Name: z.string(), AuthorizedActions: z.optional(z.array(actionSchema)) }))),
})

/** The operations of one service that authorize `iam:PassRole`. A service without the mapping returns none, which proves nothing. */
export function rowsOfReference(value: unknown): readonly PublishedRow[] {
  const { Name, Operations = [] } = serviceSchema.parse(value)
  const rows = Operations.flatMap(({ Name: operation, AuthorizedActions = [] }) =>
    AuthorizedActions.filter(action => passesRoles(`${action.Service}:${action.Name}`)).map(({ Context = {} }) => ({
      service: eventSourceNamed(Name),
      operation,
      values: passedTo(Context),
      from: `https://${HOST}/v1/${Name}/${Name}.json`,
    })),
  )
  return mergedRows(rows)
}

const passedTo = (context: { readonly [key: string]: readonly string[] }): readonly string[] =>
  Object.entries(context).flatMap(([key, values]) => (key.toLowerCase() === 'iam:passedtoservice' ? values : []))

/** The current service reference of AWS. Needs Internet access but no account. */
export async function fetchReference(get: typeof fetch = fetch): Promise<readonly PublishedRow[]> {
  const services = listSchema.parse(await json(SERVICE_LIST, get))
  const rows: PublishedRow[] = []
  for (let start = 0; start < services.length; start += AT_ONCE) {
    const some = services.slice(start, start + AT_ONCE)
    rows.push(...(await Promise.all(some.map(async ({ url }) => rowsOfReference(await json(url, get))))).flat())
  }
  return mergedRows(rows)
}

async function json(url: string, get: typeof fetch): Promise<unknown> {
  if (new URL(url).host !== HOST) throw new Error(`the list of services names another host: ${url}`)
  const response = await get(url, { redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) })
  if (!response.ok) throw new Error(`${url} answered ${response.status}`)
  const text = await response.text()
  if (text.length > MAX_BYTES) throw new Error(`${url} is larger than ${MAX_BYTES} bytes`)
  return JSON.parse(text)
}
