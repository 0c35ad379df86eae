import type { AccessReader } from '../../functions/ports/index.ts'

/** Caches every answer for its lifetime. Only for analyzing many denials in one run, without writes in between. */
export function cachedReader(reader: AccessReader): AccessReader {
  const answers = new Map<string, Promise<unknown>>()
  const cached = <T>(key: readonly string[], ask: () => Promise<T>): Promise<T> => {
    const name = JSON.stringify(key)
    const present = answers.get(name) as Promise<T> | undefined
    if (present !== undefined) return present
    const answer = ask()
    answers.set(name, answer)
    answer.catch(() => answers.delete(name))
    return answer
  }
  return {
    ...(reader.maxSurroundings === undefined ? {} : { maxSurroundings: reader.maxSurroundings }),
    identity: entity => cached(['identity', entity.accountId, entity.kind, entity.name], () => reader.identity(entity)),
    role: (entity, scope = 'whole') =>
      cached(['role', entity.accountId, entity.name, scope], () => reader.role(entity, scope)),
    roles: accountId => cached(['roles', accountId], () => reader.roles(accountId)),
    instanceProfileRole: entity =>
      cached(['instanceProfileRole', entity.accountId, entity.name], () => reader.instanceProfileRole(entity)),
    organization: () => cached(['organization'], () => reader.organization()),
    serviceControlPolicies: accountId => cached(['scp', accountId], () => reader.serviceControlPolicies(accountId)),
    resourceControlPolicies: accountId => cached(['rcp', accountId], () => reader.resourceControlPolicies(accountId)),
  }
}
