/** Every role that a patch opens: the named roles, and the members of an approved role set. */
import { type Fact, unreadable } from '../../base/index.ts'
import { type ListedRole, parseArn, type Role, type TargetRole } from '../../iam/index.ts'
import { couldBecome, type Reach } from './could-become.ts'
import type { Surroundings, Want } from './surroundings.ts'
import type { WorldView } from './world.ts'

/** A role set by its ARN pattern, with its current members. */
export type OpenedSet = { readonly pattern: string; readonly members: Fact<readonly TargetRole[]> }

export type Opened = {
  readonly sets: readonly OpenedSet[]
  /** For every role that was read, named or a member. */
  readonly reaches: readonly Reach[]
  /** What must still be read to assess the risk. */
  readonly wants: readonly Want[]
  readonly wantsForWords: readonly Want[]
}

export function openedBy(
  named: readonly TargetRole[],
  patterns: readonly string[],
  surroundings: Surroundings,
  from: WorldView = {},
): Opened {
  const wants: Want[] = []
  const sets = patterns.flatMap((pattern): readonly OpenedSet[] => {
    const accountId = parseArn(pattern)?.accountId ?? ''
    const roles = surroundings.roles.get(accountId)
    if (roles === undefined) {
      wants.push({ kind: 'roles-of', accountId })
      return []
    }
    if (!roles.known) return [{ pattern, members: roles }]
    const prefix = pattern.slice(0, -1)
    const members = roles.value
      .filter(({ arn }) => arn.startsWith(prefix))
      .map(role => member(role, surroundings, wants))
    return [{ pattern, members: { known: true, value: members } }]
  })
  const members = sets.flatMap(set => (set.members.known ? set.members.value : []))
  const distinct = [...new Map([...members, ...named].map(target => [target.arn, target])).values()]
  const reaches = distinct.flatMap(({ role }) =>
    role.kind === 'found' ? [couldBecome(role.value, surroundings, from)] : [],
  )
  return {
    sets,
    reaches,
    wants: [...wants, ...reaches.flatMap(reach => reach.wants)],
    wantsForWords: reaches.flatMap(reach => reach.wantsForWords),
  }
}

function member({ arn }: ListedRole, { identities }: Surroundings, wants: Want[]): TargetRole {
  const near = { known: false, why: 'it exists' } as const
  const read = identities.get(arn)
  if (read === undefined) wants.push({ kind: 'identity', arn })
  if (read?.kind === 'found' && 'trust' in read.value)
    return { arn, role: { kind: 'found', value: read.value as Role }, near }
  return {
    arn,
    role: read?.kind === 'absent' ? read : unreadable(read?.kind === 'unreadable' ? read.why : 'it was not read'),
    near,
  }
}
