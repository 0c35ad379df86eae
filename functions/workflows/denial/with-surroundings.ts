/** Reads what the risk of a patch depends on: the roles around the opened ones, step by step, as the graph search requests them. */

import { type Fact, type Read, unreadable } from '../../../core/base/index.ts'
import { type Identity, type ListedRole, parseEntityArn, type Role } from '../../../core/iam/index.ts'
import { NOTHING_READ, type Opened, type Surroundings } from '../../../core/patch/index.ts'
import type { AccessReader } from '../../ports/access-reader.ts'

/** Longer chains of trust between roles are not followed. */
const MAX_ROUNDS = 12
const AT_A_TIME = 8

type Wanting = Pick<Opened, 'wants' | 'wantsForWords'>

/** Calls `assess` again with what it requested, until it requests nothing more. */
export async function withSurroundings<T extends Wanting>(
  assess: (seen: Surroundings) => T,
  reader: AccessReader,
): Promise<T> {
  const roles = new Map<string, Fact<readonly ListedRole[]>>()
  const identities = new Map<string, Read<Identity | Role>>()
  let left = reader.maxSurroundings ?? Number.POSITIVE_INFINITY
  let seen = assess(NOTHING_READ)
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const wants = [...seen.wants, ...seen.wantsForWords]
    if (wants.length === 0) break
    await inTurns(wants, async want => {
      if (want.kind === 'roles-of') {
        roles.set(want.accountId, await reader.roles(want.accountId))
        return
      }
      const tooMany = unreadable(`more than ${reader.maxSurroundings} roles and users are involved`)
      identities.set(want.arn, left-- > 0 ? await readIdentity(want.arn, reader) : tooMany)
    })
    seen = assess({ roles: new Map(roles), identities: new Map(identities) })
  }
  return seen
}

async function readIdentity(arn: string, reader: AccessReader): Promise<Read<Identity | Role>> {
  const entity = parseEntityArn(arn)
  if (entity === null) return unreadable('not the ARN of a user or role')
  const { accountId, kind, name } = entity
  const read = await (kind === 'role' ? reader.role({ accountId, name }) : reader.identity({ accountId, kind, name }))
  // IAM reads by name and ignores path and case, so the ARN must be compared.
  return read.kind === 'found' && read.value.arn !== arn ? { kind: 'absent' } : read
}

async function inTurns<T>(items: readonly T[], run: (item: T) => Promise<void>): Promise<void> {
  const distinct = items.length < 2 ? items : [...new Map(items.map(item => [JSON.stringify(item), item])).values()]
  for (let at = 0; at < distinct.length; at += AT_A_TIME) await Promise.all(distinct.slice(at, at + AT_A_TIME).map(run))
}
