/** Names of actions in texts, held against those that AWS publishes. */
import { once } from '../base/index.ts'
import { publishedActions } from './published-actions.ts'

const actionsOf = (prefix: string) => publishedActions().service(prefix)?.actions ?? null

const nameOf = (action: string): string => action.slice(action.indexOf(':') + 1)

/** The names of the actions of one service, without its prefix. None: the service is not among them. */
export const actionsOfService = (prefix: string): readonly string[] =>
  [...(actionsOf(prefix)?.values() ?? [])].map(({ name }) => nameOf(name))

/** `s3:createbucket` as AWS spells it. Null: AWS publishes no such action, or its service is not among them. */
export function publishedAction(action: string): string | null {
  const [prefix = '', name = '', more] = action.toLowerCase().split(':')
  return more === undefined ? (actionsOf(prefix)?.get(name)?.name ?? null) : null
}

/** SDKs leave out hyphens: `networkfirewall` is `network-firewall`. */
export function prefixNamed(source: string): string {
  const { prefixes } = publishedActions()
  return prefixes.includes(source) ? source : (prefixes.find(one => one.replaceAll('-', '') === source) ?? source)
}

/** The service of each name that only one service has; null where several do. */
const servicesByName = once(() => {
  const services = new Map<string, string | null>()
  for (const prefix of publishedActions().prefixes)
    for (const name of actionsOfService(prefix)) services.set(name, services.has(name) ? null : prefix)
  return services
})

/** The one service with an action of this name. Null: none, or several. */
export const onlyServiceWith = (operation: string): string | null => servicesByName().get(operation) ?? null

export const isPublishedService = (prefix: string): boolean =>
  publishedActions().prefixes.includes(prefix.toLowerCase())

/** True where AWS publishes a longer name that starts with this one: `s3:DeleteObject`, `s3:DeleteObjectTagging`. */
export function isPartOfAction(text: string): boolean {
  const [prefix = '', part = ''] = text.toLowerCase().split(':')
  if (!text.includes(':')) return publishedActions().prefixes.some(one => one.startsWith(prefix))
  for (const name of actionsOf(prefix)?.keys() ?? [])
    if (name.length > part.length && name.startsWith(part)) return true
  return false
}
