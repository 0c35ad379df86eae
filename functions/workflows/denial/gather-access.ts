/** Reads only what one denial needs: the caller, the roles of the request, and the guardrails of their accounts. */

import { type AccessSource, snapshotFor } from '../../../core/access/index.ts'
import { type Fact, unknown, unreadable } from '../../../core/base/index.ts'
import type { Denial } from '../../../core/denial/index.ts'
import { type AccessSnapshot, type PolicyDocument, parseRoleArn } from '../../../core/iam/index.ts'
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
