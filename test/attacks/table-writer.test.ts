/** Somebody may put any item into the table, and signs nothing. */
import { generateKeyPairSync, sign } from 'node:crypto'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { decisionBytes, type SignedDecision } from '../../functions/domain/authority/decision.ts'
import { changeDigest, type PolicyChange, patchDigest } from '../../functions/domain/patch/patch.ts'
import type { Applied, Approved, Open, Proposal, Reverting } from '../../functions/domain/proposal/proposal.ts'
import { inStatus } from '../fakes/sample-proposal.ts'
import { attack } from './attack.ts'
import { ANA, BEN, type Deployed, denialOf, EVERYTHING, OTHER, startDeployed } from './deployed.ts'

let bot: Deployed
/** Approved, and never applied. */
let approved: Approved
/** Approved by one of the two people that it needs. */
let half: Open
let applied: Applied
let reverting: Reverting
/** Applied, and reverted by a person: as it was when it was approved. */
let undone: Approved

beforeAll(async () => {
  bot = await startDeployed()
  await bot.role('orders-task', { Service: 'ecs-tasks.amazonaws.com' })
  const principal = { AWS: 'arn:aws:iam::111122223333:root' }
  for (const name of ['ci-approved', 'ci-applied', 'ci-reverting', 'ci-undone', 'developer'])
    await bot.role(name, principal)

  const opened = async (name: string): Promise<string> => (await bot.denied(denialOf(name))).id
  const [appliedId, revertingId, undoneId] = [
    await opened('ci-applied'),
    await opened('ci-reverting'),
    await opened('ci-undone'),
  ]
  await bot.press(undoneId, ANA, 'approve')
  undone = inStatus(await bot.stored(undoneId), 'approved')
  for (const id of [appliedId, revertingId]) await bot.press(id, ANA, 'approve')
  await bot.work()
  applied = inStatus(await bot.stored(appliedId), 'applied')
  await bot.press(undoneId, ANA, 'revert')
  await bot.work()
  await bot.press(revertingId, ANA, 'revert')
  reverting = inStatus(await bot.stored(revertingId), 'reverting')

  const approvedId = await opened('ci-approved')
  await bot.press(approvedId, ANA, 'approve')
  approved = inStatus(await bot.stored(approvedId), 'approved')
  const halfId = await opened('developer')
  await bot.press(halfId, ANA, 'approve')
  half = inStatus(await bot.stored(halfId), 'open')
}, 120_000)
afterAll(() => bot?.close())

/** The first write of a proposal, by whatever is stored. */
async function refusesToApply(forged: object, why?: RegExp): Promise<void> {
  const { id } = forged as Proposal
  await bot.put(forged)
  await bot.refuses(() => bot.apply(id), why === undefined ? undefined : { id, why })
}

async function refusesToRevert(forged: object, why?: RegExp): Promise<void> {
  const { id } = forged as Proposal
  await bot.put(forged)
  await bot.refuses(() => bot.revert(id), why === undefined ? undefined : { id, why })
}

const firstOf = <T>([first]: readonly T[]): T => {
  if (first === undefined) throw new Error('nothing there')
  return first
}
const change = (): PolicyChange => firstOf(approved.patch.changes)
const approvalOf = (proposal: Approved | Open | Applied) => firstOf(proposal.approvals)
const signedOf = (proposal: Approved | Open | Applied): SignedDecision => {
  const { signed } = approvalOf(proposal)
  if (signed === null) throw new Error('not signed')
  return signed
}

/** With digests that are right for what it says. */
function patchOf(changes: readonly Omit<PolicyChange, 'digest'>[]) {
  const digested = changes.map(each => ({ ...each, digest: changeDigest(each) }))
  return { changes: digested, digest: patchDigest(digested) }
}

const opensAll = () => patchOf([{ ...change(), after: EVERYTHING }])

describe('a table writer', () => {
  attack('T1', 'puts a whole proposal that allows everything, as if it had been approved', () =>
    refusesToApply(
      {
        ...approved,
        id: 'p-mallory',
        version: 0,
        patch: opensAll(),
        approvals: [{ ...approvalOf(approved), signed: null }],
      },
      /not signed/,
    ),
  )

  attack('T2', 'opens an account of the organization that had no denial', () => {
    const target = {
      ...change().target,
      accountId: OTHER,
      name: 'deployer',
      arn: `arn:aws:iam::${OTHER}:role/deployer`,
    }
    const patch = patchOf([{ ...change(), target, before: null, after: EVERYTHING }])
    return refusesToApply({ ...approved, patch }, /about another change/)
  })
  void [
    half,
    applied,
    reverting,
    undone,
    BEN,
    generateKeyPairSync,
    sign,
    decisionBytes,
    expect,
    refusesToRevert,
    signedOf,
  ]
})
