/** The roles that the holder can assume, by their trust policies and its own policies. */
import { evaluate } from '../../actions/index.ts'
import { found } from '../../base/index.ts'
import { entityName, type Identity, type ListedRole, matchesGlob, parseArn } from '../../iam/index.ts'
import type { Holder } from './holder.ts'
import { isolatedSnapshot, requestFrom } from './isolated-evaluation.ts'
import { ANY_NAME, asGlob, isExact } from './resource-samples.ts'
import { targetOf, trustIndex } from './trust-index.ts'
import type { World } from './world.ts'

/** Lazy, so that roles that were already reached are not evaluated again. */
export function* assumableBy(
  holder: Holder,
  world: World,
  isReached: (arn: string) => boolean,
): Generator<string, void, undefined> {
  const { identity, home } = holder
  const roles = world.rolesOf(home.accountId)
  const near = roles === null ? [] : trustIndex(roles).naming(identity.arn)
  for (const role of near) if (!isReached(role.arn) && assumes(identity, role, world)) yield role.arn
  // For the other roles, the holder's policies must allow the call too.
  if (!holder.allows('sts:AssumeRole')) return
  const own = roles === null ? [] : trustIndex(roles).delegating(home.accountId)
  const named = holder.patterns.map(asGlob)
  for (const role of own)
    if (!isReached(role.arn) && named.some(pattern => matchesGlob(pattern, role.arn)) && assumes(identity, role, world))
      yield role.arn
  for (const role of abroad(holder, world)) if (!isReached(role.arn) && assumes(identity, role, world)) yield role.arn
}

function assumes(identity: Identity, role: ListedRole, world: World): boolean {
  if (!role.trust.known) {
    world.unread(`trust policy of ${entityName(role.arn)}`, role.trust.why)
    return false
  }
  const snapshot = { ...isolatedSnapshot(found(identity), [targetOf(role)]), ...world.around(identity.accountId) }
  return evaluate(requestFrom(identity, 'sts:AssumeRole', role.arn, {}), snapshot).answer !== 'denied'
}

/** Roles of other accounts that the holder's policies name. Others cannot be assumed. */
function abroad(holder: Holder, world: World): readonly ListedRole[] {
  const named = holder
    .samples('role')
    .filter(({ foreign, resource }) => foreign && holder.may('sts:AssumeRole', resource))
  const anywhere = holder.patterns
    .filter(inAnyAccount)
    .find(pattern => holder.may('sts:AssumeRole', elsewhere(pattern)))
  if (anywhere !== undefined) world.unread(`the roles of other accounts that ${anywhere} names`, 'it names no account')
  return named.flatMap(it => {
    if (!isExact(it))
      return (
        world.rolesOf(parseArn(it.resource)?.accountId ?? '')?.filter(({ arn }) => matchesGlob(it.pattern, arn)) ?? []
      )
    const role = world.identityOf(it.resource)
    return role === null || !('trust' in role) ? [] : [{ arn: it.resource, trust: role.trust }]
  })
}

const inAnyAccount = (pattern: string): boolean => /^arn:[^:]*:[^:]*:[^:]*:[^:]*[*?][^:]*:/.test(pattern)
/** The same ARN in another account that the pattern covers. */
const elsewhere = (pattern: string): string =>
  pattern
    .split(':')
    .map((field, at) => (at === 4 ? accountIn(field) : field.replaceAll('*', ANY_NAME).replaceAll('?', 'x')))
    .join(':')

const ACCOUNT_DIGITS = 12
function accountIn(pattern: string): string {
  const [start = '', ...rest] = pattern.replaceAll('?', '0').split('*')
  const end = rest.join('')
  return `${start}${end.padStart(ACCOUNT_DIGITS - start.length, '0')}`
}
