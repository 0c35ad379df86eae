import { describe, expect, it } from 'vitest'
import { found, known, unknown, unreadable } from '../../../../core/base/fact.ts'
import { openedBy } from '../../../../core/patch/risk/could-become.ts'
import type { Surroundings } from '../../../../core/patch/risk/surroundings.ts'
import { ACCOUNT, allow, ecsTrust, identity, inline, role, TASK_ROLE } from '../../../fixtures/patches.ts'

const PATTERN = `arn:aws:iam::${ACCOUNT}:role/orders-*`
const WORKER = `arn:aws:iam::${ACCOUNT}:role/orders-worker`
const BILLING = `arn:aws:iam::${ACCOUNT}:role/billing`

const listing = (...arns: string[]): Surroundings => ({
  roles: new Map([[ACCOUNT, known(arns.map(arn => ({ arn, trust: known(ecsTrust) })))]]),
  identities: new Map(),
})
const read = (around: Surroundings, identities: [string, ReturnType<Surroundings['identities']['get']>][]) => ({
  ...around,
  identities: new Map(identities.flatMap(([arn, one]) => (one === undefined ? [] : [[arn, one] as const]))),
})
const roleOf = (arn: string) => {
  const { role: one } = role(arn, ecsTrust, [inline(arn, 'p', allow('s3:GetObject', '*'))])
  if (one.kind !== 'found') throw new Error('not a role')
  return one
}

describe('what a patch opens', () => {
  it('is the roles that it names, as far as they were read', () => {
    const opened = openedBy(
      [role(TASK_ROLE, ecsTrust), { ...role(WORKER, ecsTrust), role: unreadable('x') }],
      [],
      listing(),
    )
    expect(opened.reaches.map(reach => reach.opened.arn)).toEqual([TASK_ROLE])
    expect([opened.sets, opened.wants]).toEqual([[], []])
  })

  it('is the members of a set, by the start of their names', () => {
    const around = read(listing(BILLING, TASK_ROLE, WORKER), [
      [TASK_ROLE, roleOf(TASK_ROLE)],
      [WORKER, roleOf(WORKER)],
      [BILLING, roleOf(BILLING)],
    ])
    const { sets, reaches, wants } = openedBy([], [PATTERN], around)
    expect(sets).toEqual([
      {
        pattern: PATTERN,
        members: known([TASK_ROLE, WORKER].map(arn => ({ arn, role: roleOf(arn), near: unknown('it exists') }))),
      },
    ])
    expect(reaches.map(reach => reach.opened.arn)).toEqual([TASK_ROLE, WORKER])
    expect(wants).toEqual([])
  })

  it('is judged once for a role that it names and that a set has, too', () => {
    const around = read(listing(TASK_ROLE), [[TASK_ROLE, roleOf(TASK_ROLE)]])
    expect(openedBy([role(TASK_ROLE, ecsTrust)], [PATTERN], around).reaches).toHaveLength(1)
  })

  it('is unknown for a set that was not listed yet, and for one that could not be', () => {
    const nothing = { roles: new Map(), identities: new Map() }
    expect(openedBy([], [PATTERN], nothing)).toEqual({
      sets: [],
      reaches: [],
      wants: [{ kind: 'roles-of', accountId: ACCOUNT }],
      wantsForWords: [],
    })
    const denied = { ...nothing, roles: new Map([[ACCOUNT, unknown('AccessDenied')]]) }
    expect(openedBy([], [PATTERN], denied).sets).toEqual([{ pattern: PATTERN, members: unknown('AccessDenied') }])
  })

  it('is unknown for a member that was not read', () => {
    const of = (one: ReturnType<Surroundings['identities']['get']>) => {
      const { sets, wants } = openedBy([], [PATTERN], read(listing(WORKER), [[WORKER, one]]))
      const [set] = sets
      return [set?.members.known === true ? set.members.value.map(member => member.role) : null, wants]
    }
    expect(of(undefined)).toEqual([[unreadable('it was not read')], [{ kind: 'identity', arn: WORKER }]])
    expect(of(unreadable('throttled'))).toEqual([[unreadable('throttled')], []])
    expect(of({ kind: 'absent' })).toEqual([[{ kind: 'absent' }], []])
    // Only a role can be a member.
    expect(of(found(identity(WORKER)))).toEqual([[unreadable('it was not read')], []])
  })

  it('asks for what its roles need to be judged', () => {
    const { role: one } = role(TASK_ROLE, ecsTrust, [
      inline(TASK_ROLE, 'p', allow('iam:CreateAccessKey', `arn:aws:iam::${ACCOUNT}:user/ana`)),
    ])
    const target = { ...role(TASK_ROLE, ecsTrust), role: one }
    expect(openedBy([target], [], listing()).wants).toEqual([
      { kind: 'identity', arn: `arn:aws:iam::${ACCOUNT}:user/ana` },
    ])
  })
})
