/** The surroundings as the graph search uses them, and what was missing during the search. */
import { memoize, type Unknown } from '../../base/index.ts'
import { entityName, type Identity, type ListedRole, type Role } from '../../iam/index.ts'
import { type Holder, holderOf } from './holder.ts'
import type { Around } from './isolated-evaluation.ts'
import type { Surroundings, Want } from './surroundings.ts'

export type World = {
  /** Null: the list could not be read, which is recorded. */
  readonly rolesOf: (accountId: string) => readonly ListedRole[] | null
  /** Null: the entity does not exist, or could not be read, which is recorded. */
  readonly identityOf: (key: string) => Identity | Role | null
  /** Like `identityOf`, without recording that it is missing. */
  readonly peek: (key: string) => Identity | Role | null
  /** Adds an entity. The same entity under other conditions has a key of its own. */
  readonly put: (key: string, identity: Identity) => void
  readonly holderOf: (identity: Identity) => Holder
  readonly unread: (fact: string, why: string) => void
  /** The caller that gets the role: what the role may rewrite of the caller does not count as a gain. */
  readonly caller: Identity | null
  /** The SCPs of an account, if they were read. */
  readonly around: (accountId: string) => Around | undefined
  readonly wants: () => readonly Want[]
  readonly unknowns: () => readonly Unknown[]
}

/** The point of view of the question. */
export type WorldView = Partial<Pick<World, 'caller' | 'around'>>

export function worldOf(
  surroundings: Surroundings,
  opened: readonly Identity[],
  { caller = null, around = () => undefined }: WorldView = {},
): World {
  const own = new Map<string, Identity | Role>(opened.map(identity => [identity.arn, identity]))
  const wants = new Map<string, Want>()
  const unknowns = new Map<string, Unknown>()
  const holders: Holder[] = []
  const unread = (fact: string, why: string) => {
    unknowns.set(fact, { fact, why })
  }
  const want = (key: string, one: Want) => {
    wants.set(key, one)
    return null
  }

  return {
    rolesOf: accountId => {
      const roles = surroundings.roles.get(accountId)
      if (roles === undefined) return want(accountId, { kind: 'roles-of', accountId })
      if (roles.known) return roles.value
      unread(`the roles of account ${accountId} and whom they trust`, roles.why)
      return null
    },
    identityOf: key => {
      const present = own.get(key)
      if (present !== undefined) return present
      const read = surroundings.identities.get(key)
      if (read === undefined) return want(key, { kind: 'identity', arn: key })
      if (read.kind === 'found') {
        const [unseen] = read.value.unseen
        if (unseen !== undefined) unread(unseen.fact, unseen.why)
        return read.value
      }
      if (read.kind === 'unreadable') unread(`the policies of ${entityName(key)}`, read.why)
      return null
    },
    peek: key => {
      const read = surroundings.identities.get(key)
      return own.get(key) ?? (read?.kind === 'found' ? read.value : null)
    },
    put: (key, identity) => own.set(key, identity),
    holderOf: memoize((identity: Identity) => {
      const holder = holderOf(identity, around(identity.accountId))
      holders.push(holder)
      if (holder.isUnclear)
        unread(`the resources in the policies of ${identity.name}`, 'one of them is only about long names')
      return holder
    }),
    unread,
    caller,
    around,
    wants: () => [...wants.values()],
    unknowns: () => [...unknowns.values(), ...holders.flatMap(uncompared)],
  }
}

const uncompared = ({ budget, identity }: Holder): readonly Unknown[] =>
  budget.left >= 0
    ? []
    : [{ fact: `the resources in the policies of ${identity.name}`, why: 'they are too many to compare' }]
