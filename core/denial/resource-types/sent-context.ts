/** The condition keys that a service sends when it assumes a role, as far as AWS publishes them. */

import { type ContextFacts, parseRoleArn, partlyKnown, present } from '../../iam/index.ts'
import { partitionOfArns } from '../cloudtrail/denial-facts.ts'
import type { ApiCall } from '../passed-service/passed-service.ts'
import { sentInCall } from './role-assumers.ts'

type SentValue = { readonly key: string; readonly value: string }

/** The account of the role is that of the deploy: a role is passed inside one account. `*` in a value is any text. */
export function sentContext(service: string, sends: readonly SentValue[], role: string): ContextFacts {
  const account = parseRoleArn(role)?.accountId ?? '*'
  const partition = partitionOfArns([role])
  return Object.fromEntries(
    sends.map(({ key, value }) => {
      const whole = value.replaceAll('{account}', account).replaceAll('{partition}', partition)
      const isWhole = !whole.includes('*')
      return [key.toLowerCase(), isWhole ? present(whole) : partlyKnown(whole, `${service} sends ${whole}`)]
    }),
  )
}

/** `sentContext` fills these from the role. */
const FILLED_LATER = ['{account}', '{partition}']

/** What a service sends that a denied call would have given the role to. */
export function sentAfter(
  { eventSource, eventName }: ApiCall,
  region: string | null,
  service: string,
  role: string,
): ContextFacts {
  const source = eventSource?.replace(/\.amazonaws\.com(?:\.cn)?$/, '') ?? ''
  const call = `${source}:${eventName?.replace(/\d{8}(?:v\d)?$/, '') ?? ''}`
  const sends = sentInCall(call, service).map(({ key, form }) => ({
    key,
    value: form
      .replaceAll('{region}', region ?? '*')
      .replaceAll(/\{[\w.]{0,60}\}/g, part => (FILLED_LATER.includes(part) ? part : '*')),
  }))
  return sentContext(service, sends, role)
}
