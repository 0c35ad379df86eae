/** Redacts log fields: ids, digests and short texts pass, anything that resembles a secret does not. */
import type { Observer } from '../../../ports/observer.ts'

type Fields = NonNullable<Parameters<Observer['log']>[2]>

const LONGEST = 500
/** Names of fields whose value is never logged. */
const SECRET_NAME = /token|secret|password|signature|authorization|external_?id|blob|credential/i
/** Slack tokens, AWS access keys, EC2's encoded messages. */
const SECRET_VALUE = /xox[abeprs]-[\w-]+|xapp-[\w-]+|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|[A-Za-z0-9_-]{200,}/g
const HIDDEN = '(not logged)'

export function redact(fields: Fields): Fields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => {
      if (typeof value !== 'string') return [name, value]
      return [name, SECRET_NAME.test(name) ? HIDDEN : safeText(value)]
    }),
  )
}

export function safeText(text: string): string {
  const hidden = text.replace(SECRET_VALUE, HIDDEN)
  return hidden.length > LONGEST ? `${hidden.slice(0, LONGEST)}…` : hidden
}
