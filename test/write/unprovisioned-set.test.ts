/**
 * A permission set gives its roles a document when it is provisioned, and not before.
 * https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_PutInlinePolicyToPermissionSet.html
 */
import { describe, expect, it } from 'vitest'
import { fail, ok } from '../../core/base/result.ts'
import type { DocumentChange } from '../../core/patch/target.ts'
import { keyOf } from '../fakes/memory-iam.ts'
import { MINUTE, NOON, passRole, policy, resumeAsk, revertOf, takeAwayAsk, writeAsk } from './grant-asks.ts'
import { writeWorld } from './write-world.ts'

const SET: DocumentChange['target'] = {
  kind: 'permission-set-inline-policy',
  accountId: '111122223333',
  name: 'Developer',
  policyName: null,
  arn: 'arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Developer_0123456789abcdef',
}
const THEIRS = passRole('ffffffff', 'other')
const REFUSED = { code: 'ProvisioningFailed', message: 'the role is protected by an SCP', retry: false }
/** In the words of https://github.com/aws-samples/aws-iam-identity-center-extensions/issues/111 */
const CONFLICT = { code: 'ConflictException', message: 'There is a conflicting operation in process.', retry: true }

/** `provisioned`: what the roles of the set have. While `refusal` is there, a document is stored and not provisioned. */
function setWorld(change: DocumentChange) {
  const world = writeWorld([change])
  const key = keyOf(SET)
  const given = world.iam.write
  const roles = { provisioned: change.before, refusal: null as typeof REFUSED | null, calls: 0, isSlow: false }
  world.iam.write = async (target, document) => {
    const accepted = await given(target, document)
    roles.calls += 1
    if (roles.refusal !== null) return fail(roles.refusal)
    if (roles.isSlow) return accepted.ok ? ok({ ...accepted.value, notes: ['it goes on'], stillRuns: true }) : accepted
    roles.provisioned = document
    return accepted
  }
  return { world, roles, stored: () => world.iam.documents.get(key) ?? null }
}

const CREATED: DocumentChange = { target: SET, before: null, after: policy(passRole()) }
const ADDED: DocumentChange = { target: SET, before: policy(THEIRS), after: policy(THEIRS, passRole()) }

describe.each([
  ['whose policy rolemedic made', CREATED],
  ['whose policy others have written', ADDED],
])('a permission set %s', (_, change) => {
  const ask = writeAsk({ changes: [change] })
  const revert = (askedAtMs = NOON) => takeAwayAsk({ reason: revertOf([change]), askedAtMs })

  async function written() {
    const made = setWorld(change)
    expect(await made.world.write(ask)).toMatchObject({ result: 'written' })
    expect(made.roles.provisioned).toEqual(change.after)
    return made
  }

  it('is not taken away before its roles are without it, however often that is asked', async () => {
    const { world, roles, stored } = await written()
    roles.refusal = REFUSED
    for (const later of [0, MINUTE]) {
      expect(await world.write(revert(NOON + later))).toMatchObject({ result: 'not-taken-away' })
      expect(stored()).toEqual(change.before)
    }
    roles.refusal = null
    expect(await world.write(revert(NOON + 2 * MINUTE))).toMatchObject({ result: 'taken-away', left: [] })
    expect(roles.provisioned).toEqual(change.before)
  })

  it('is provisioned after another operation on it is over', async () => {
    const { world, roles } = await written()
    roles.refusal = CONFLICT
    await expect(world.write(revert())).rejects.toThrow('conflicting operation')
    roles.refusal = null
    expect(await world.write(revert())).toMatchObject({ result: 'taken-away' })
    expect(roles.provisioned).toEqual(change.before)
  })

  it('is not undone before its roles are without it', async () => {
    const { world, roles, stored } = setWorld(change)
    roles.refusal = CONFLICT
    await expect(world.write(ask)).rejects.toThrow('conflicting operation')
    expect(stored()).toEqual(change.before)
    // What a provisioning of somebody else has picked up meanwhile.
    roles.provisioned = change.after
    roles.refusal = null
    expect(await world.write(resumeAsk())).toMatchObject({ result: 'undone' })
    expect(roles.provisioned).toEqual(change.before)
  })

  it('is taken away from its roles where somebody removed it from the set alone', async () => {
    const { world, roles } = await written()
    if (change.before === null) world.iam.documents.delete(keyOf(SET))
    else world.iam.documents.set(keyOf(SET), change.before)
    expect(await world.write(revert())).toMatchObject({ result: 'taken-away' })
    expect(roles.provisioned).toEqual(change.before)
  })

  it('is not taken away while Identity Center still provisions it', async () => {
    const { world, roles } = await written()
    roles.isSlow = true
    for (const _ of ['once', 'again']) await expect(world.write(revert())).rejects.toThrow('it goes on')
    expect(world.outcomes().map(({ result }) => result)).toEqual(['written'])
    expect(world.keys().some(key => key.startsWith('ended/'))).toBe(false)
    roles.isSlow = false
    expect(await world.write(revert())).toMatchObject({ result: 'taken-away', notes: [] })
    expect(roles.provisioned).toEqual(change.before)
  })

  it('is not undone while Identity Center still provisions that', async () => {
    const { world, roles } = setWorld(change)
    roles.refusal = REFUSED
    const { write } = world.iam
    world.iam.write = async (target, document) => {
      const answer = await write(target, document)
      Object.assign(roles, { refusal: null, isSlow: true })
      return answer
    }
    await expect(world.write(ask)).rejects.toThrow('it goes on')
    expect(world.outcomes()).toEqual([])
    world.iam.write = write
    roles.isSlow = false
    // Why it is undone outlives the process that saw it.
    expect(await world.write(resumeAsk())).toMatchObject({ result: 'undone', code: REFUSED.code, left: [] })
    expect(world.outcomes()[0]?.why).toContain(REFUSED.message)
    expect(roles.provisioned).toEqual(change.before)
  })

  it('is written while Identity Center still provisions it, and that is said', async () => {
    const { world, roles } = setWorld(change)
    roles.isSlow = true
    expect(await world.write(ask)).toMatchObject({ result: 'written', notes: ['it goes on'], stillRuns: true })
  })

  it('is taken away once, and without a wait where nothing is in the way', async () => {
    const { world, roles } = await written()
    expect(await world.write(revert())).toMatchObject({ result: 'taken-away' })
    expect(roles.calls).toBe(2)
  })

  it('that is gone has nothing of it', async () => {
    const { world, roles } = await written()
    world.iam.documents.delete(keyOf(SET))
    roles.refusal = { code: 'ResourceNotFoundException', message: 'there is no permission set', retry: false }
    expect(await world.write(revert())).toMatchObject({ result: 'taken-away' })
  })
})

it('leaves a set alone that it was not the turn of', async () => {
  const { world, roles } = setWorld(ADDED)
  world.iam.documents.set(keyOf(SET), policy(THEIRS, passRole('eeeeeeee', 'more')))
  expect(await world.write(writeAsk({ changes: [ADDED] }))).toMatchObject({ result: 'refused', code: 'drift' })
  expect(roles.calls).toBe(0)
})
