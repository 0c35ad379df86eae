import type { AccessReader } from '../../functions/ports/access-reader.ts'

/**
 * Answers a question that was asked before with the same answer, for as long as it lives. For looking at many denials
 * in one go; never where something is written in between.
 */
export function rememberedReads(reader: AccessReader): AccessReader {
  const answers = new Map<string, Promise<unknown>>()
  const once = <T>(key: readonly string[], ask: () => Promise<T>): Promise<T> => {
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
    identity: entity => once(['identity', entity.accountId, entity.kind, entity.name], () => reader.identity(entity)),
    role: (entity, scope = 'whole') =>
      once(['role', entity.accountId, entity.name, scope], () => reader.role(entity, scope)),
    roles: accountId => once(['roles', accountId], () => reader.roles(accountId)),
    instanceProfileRole: entity =>
      once(['instanceProfileRole', entity.accountId, entity.name], () => reader.instanceProfileRole(entity)),
    organization: () => once(['organization'], () => reader.organization()),
    serviceControlPolicies: accountId => once(['scp', accountId], () => reader.serviceControlPolicies(accountId)),
    resourceControlPolicies: accountId => once(['rcp', accountId], () => reader.resourceControlPolicies(accountId)),
  }
}
