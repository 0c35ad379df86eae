/** Reads only what one denial and its change need: the caller, the roles of the request, their guardrails, and what the change opens. */

import { type AccessSource, snapshotFor } from '../../../core/access/index.ts'
import { type Fact, type Read, unknown, unreadable } from '../../../core/base/index.ts'
import type { Denial } from '../../../core/denial/index.ts'
import {
  type AccessSnapshot,
  type Identity,
  type ListedRole,
  type PolicyDocument,
  parseEntityArn,
  parseRoleArn,
  type Role,
} from '../../../core/iam/index.ts'
import { NOTHING_READ, type Opened, type Surroundings } from '../../../core/patch/index.ts'
import { type ReadTrusts, trustsToRead } from '../../domain/authority/index.ts'
import type { Config } from '../../domain/config/index.ts'
import type { AccessReader } from '../../ports/access-reader.ts'

const NOT_YET = 'not read yet'

/** Repeats until the snapshot has no unanswered questions. Reads questions of one round in parallel. */
export async function gather(denial: Denial, reader: AccessReader): Promise<AccessSnapshot> {
  const answers = new Map<string, unknown>()
  for (;;) {
    const reads: Promise<unknown>[] = []
    const answered = <T>(question: readonly unknown[], otherwise: T, read: () => Promise<T>): T => {
      const key = JSON.stringify(question)
      if (answers.has(key)) return answers.get(key) as T
      answers.set(key, otherwise)
      reads.push(read().then(answer => answers.set(key, answer)))
      return otherwise
    }
    const snapshot = snapshotFor(denial, accessTo(reader, answered))
    if (reads.length === 0) return snapshot
    await Promise.all(reads)
  }
}

type Answered = <T>(question: readonly unknown[], otherwise: T, read: () => Promise<T>) => T

/** INVARIANT: the same question gets the same answer, so each one is read once. */
function accessTo(reader: AccessReader, answered: Answered): AccessSource {
  const [later, open] = [unreadable(NOT_YET), unknown(NOT_YET)]
  return {
    identity: entity => answered(['identity', entity], later, () => reader.identity(entity)),
    role: (entity, scope) => answered(['role', entity, scope], later, () => reader.role(entity, scope)),
    roles: id => answered(['roles', id], open, () => reader.roles(id)),
    instanceProfileRole: entity => answered(['profile', entity], later, () => reader.instanceProfileRole(entity)),
    organization: () => answered(['organization'], open, () => reader.organization()),
    serviceControlPolicies: id => answered(['scps', id], open, () => reader.serviceControlPolicies(id)),
    resourceControlPolicies: id => answered(['rcps', id], open, () => reader.resourceControlPolicies(id)),
  }
}

/** The same snapshot with the policies of the target roles, which matter only for what a change would open. */
export async function withTargetPolicies(snapshot: AccessSnapshot, reader: AccessReader): Promise<AccessSnapshot> {
  const targets = await Promise.all(
    snapshot.targets.map(async target => {
      if (target.role.kind !== 'found') return target
      const { accountId, name } = target.role.value
      return { ...target, role: await reader.role({ accountId, name }) }
    }),
  )
  return { ...snapshot, targets }
}

/** The trust policies of the roles that enter the caller's, as far as they can show that only machines do. */
export async function trustsBehind(
  denial: Denial,
  caller: AccessSnapshot['caller'],
  config: Config,
  reader: Pick<AccessReader, 'role'>,
): Promise<ReadTrusts> {
  const trusts = new Map<string, Fact<PolicyDocument>>()
  for (;;) {
    const wanted = trustsToRead(denial, caller, config, trusts)
    if (wanted.length === 0) return trusts
    await Promise.all(wanted.map(async arn => trusts.set(arn, await trustOf(arn, reader))))
  }
}

async function trustOf(arn: string, reader: Pick<AccessReader, 'role'>): Promise<Fact<PolicyDocument>> {
  const named = parseRoleArn(arn)
  if (named === null) return unknown('not the ARN of a role')
  const read = await reader.role({ accountId: named.accountId, name: named.name }, 'trust')
  if (read.kind !== 'found') return unknown(read.kind === 'absent' ? 'no such role' : read.why)
  // IAM reads by name and ignores path and case.
  return read.value.arn === arn ? read.value.trust : unknown('no such role')
}

/** Longer chains of trust between roles are not followed. */
const MAX_ROUNDS = 12
const AT_A_TIME = 8

type Wanting = Pick<Opened, 'wants' | 'wantsForWords'>

/** The roles around the opened ones, step by step: calls `assess` again with what it requested, until it requests nothing more. */
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
