/** The attacker may put any item into the table, but cannot sign. */
import { generateKeyPairSync, sign } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { changeDigest, type PolicyChange, patchDigest } from '../../core/patch/patch.ts'
import type { SignedDecision } from '../../functions/domain/authority/earlier-decision.ts'
import { decisionBytes } from '../../functions/domain/authority/statement.ts'
import {
  type Applied,
  type Approved,
  failureOf,
  type Open,
  type PlannedWrite,
  type Proposal,
  type Reverting,
} from '../../functions/domain/proposal/proposal.ts'
import { denialOf, MAIN } from '../e2e/ecs-denial.ts'
import { inStatus } from '../fakes/sample-proposal.ts'
import { attack } from './attack.ts'
import { ANA, BEN, type Deployed, EVERYTHING, OTHER, startDeployed } from './deployed.ts'

let bot: Deployed
/** Approved, and never applied. */
let approved: Approved
/** Approved by one of the two people that it needs. */
let half: Open
let applied: Applied
let reverting: Reverting
/** Applied, and reverted by a person, but with its item from the time of the approval. */
let undone: Approved

let roles = 0
/** A separate proposal for attacks that end it, so that the log of one attack does not refuse the next. */
async function opened(prefix: 'ci' | 'developer'): Promise<string> {
  roles += 1
  const name = `${prefix}-${roles}`
  await bot.role(name, prefix === 'ci' ? { Service: 'codebuild.amazonaws.com' } : { AWS: `arn:aws:iam::${MAIN}:root` })
  return (await bot.denied(denialOf(name))).id
}

/** Approved by the one person that a machine's denial needs. */
async function newlyApproved(): Promise<Approved> {
  const id = await opened('ci')
  await bot.press(id, ANA, 'approve')
  return inStatus(await bot.stored(id), 'approved')
}

/** Approved by one of the two people that the denial of an unknown person needs. */
async function newlyHalf(): Promise<Open> {
  const id = await opened('developer')
  await bot.press(id, ANA, 'approve')
  return inStatus(await bot.stored(id), 'open')
}

beforeAll(async () => {
  bot = await startDeployed()
  await bot.role('orders-task', { Service: 'ecs-tasks.amazonaws.com' })
  undone = await newlyApproved()
  const [appliedId, revertingId] = [(await newlyApproved()).id, (await newlyApproved()).id]
  await bot.work()
  applied = inStatus(await bot.stored(appliedId), 'applied')
  await bot.press(undone.id, ANA, 'revert')
  await bot.work()
  await bot.press(revertingId, ANA, 'revert')
  reverting = inStatus(await bot.stored(revertingId), 'reverting')
  approved = await newlyApproved()
  half = await newlyHalf()
})
afterAll(() => bot?.close())

/** Tries the first write of a proposal, with any stored item. */
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
const change = (of: Approved = approved): PolicyChange => firstOf(of.patch.changes)
const approvalOf = (proposal: Approved | Open | Applied | Reverting) => firstOf(proposal.approvals)
const signedOf = (proposal: Approved | Open | Applied): SignedDecision => {
  const { signed } = approvalOf(proposal)
  if (signed === null) throw new Error('not signed')
  return signed
}

/** A patch whose digests match its content. */
function patchOf(changes: readonly Omit<PolicyChange, 'digest'>[]) {
  const digested = changes.map(each => ({ ...each, digest: changeDigest(each) }))
  return { changes: digested, digest: patchDigest(digested) }
}

const opensAll = () => patchOf([{ ...change(), after: EVERYTHING }])

/** The item contains the given approval, but only the original one was signed. */
const withApproval = (approval: object, base: Proposal = approved) => ({ ...base, approvals: [approval] })
const withDecision = (decision: object) => {
  const { signature, ...signed } = signedOf(approved)
  return withApproval({
    ...approvalOf(approved),
    signed: { decision: { ...signed.decision, ...decision }, signature },
  })
}

/** As an earlier version stored what it had begun. */
const begun = (own: Approved, write: object = {}, more: object = {}) => ({
  ...own,
  status: 'applying',
  leaseUntilMs: null,
  writing: { writes: [{ ...planned(own), ...write }], endsAtMs: null },
  failure: null,
  ...more,
})
const planned = (own: Approved): PlannedWrite => {
  const { target, before, after } = change(own)
  return { target, before, after }
}
const writtenBy = (): PolicyChange => firstOf(applied.applied.changes)

describe('a table writer claims an approval', () => {
  attack('T1', () =>
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

  attack('T2', () => refusesToApply({ ...half, status: 'approved', approvals: [] }, /nobody has approved/))

  attack('T3', async () => {
    const own = await newlyHalf()
    await refusesToApply({ ...own, status: 'approved' })
    expect(failureOf(await bot.stored(own.id))?.code).toBe('not-enough-approvals')
  })

  attack('T4', () => {
    const ben = { by: { id: BEN, name: 'Ben' }, atMs: Date.now(), limitHours: null, reason: null, signed: null }
    return refusesToApply({ ...half, status: 'approved', approvals: [...half.approvals, ben] }, /not signed/)
  })

  attack('T5', async () => {
    const own = await newlyHalf()
    await refusesToApply({ ...own, status: 'approved', approvals: [...own.approvals, ...own.approvals] })
    expect(failureOf(await bot.stored(own.id))?.code).toBe('not-enough-approvals')
  })

  attack('T6', () => {
    const copied = { ...approvalOf(half), by: { id: BEN, name: 'Ben' } }
    return refusesToApply({ ...half, status: 'approved', approvals: [...half.approvals, copied] }, /was given by/)
  })

  attack('T7', () => refusesToApply(withApproval(approvalOf(applied)), /is about proposal/))

  attack('T8', () => {
    const { by, atMs, signed } = reverting.revertRequest
    return refusesToApply(
      withApproval({ by, atMs, signed, limitHours: null, reason: null }, { ...reverting, status: 'approved' } as never),
      /does not decide this/,
    )
  })

  attack('T9', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
    const { decision, signature } = signedOf(approved)
    const forged = { ...decision, patchDigest: opensAll().digest }
    const value = sign('sha256', decisionBytes(forged), privateKey).toString('base64')
    const approval = { ...approvalOf(approved), signed: { decision: forged, signature: { ...signature, value } } }
    return refusesToApply({ ...withApproval(approval), patch: opensAll() }, /does not carry a signature of decide/)
  })

  attack('T10', async () => {
    const { kmsClient } = await import('../../functions/adapters/aws/signing/kms-client.ts')
    const { kmsSigner } = await import('../../functions/adapters/aws/signing/kms-signer.ts')
    const { decision } = signedOf(approved)
    const signature = await kmsSigner(kmsClient(), 'attestations', bot.env.ATTESTATIONS_KEY_ARN).sign(
      decisionBytes(decision),
    )
    await refusesToApply(
      withApproval({ ...approvalOf(approved), signed: { decision, signature } }),
      /does not carry a signature of decide/,
    )
  })

  attack('T11', () => {
    const { decision, signature } = signedOf(half)
    const signed = { decision: { ...decision, approversNeeded: 1, risk: 'low' }, signature }
    return refusesToApply({ ...half, status: 'approved', approvals: [{ ...approvalOf(half), signed }] }, /signature/)
  })

  attack('T12', async () => {
    await refusesToApply(withDecision({ configDigest: `sha256:${'0'.repeat(64)}` }), /signature/)
    await refusesToApply(withDecision({ requester: { kind: 'person', userId: BEN } }), /signature/)
    await refusesToApply(withDecision({ atMs: signedOf(approved).decision.atMs + 1 }), /signature/)
  })

  attack('T13', async () => {
    await refusesToApply(withApproval({ ...approvalOf(approved), limitHours: 168 }), /another end/)
    await refusesToApply(withDecision({ endsAtMs: Date.now() + 86_400_000 }), /signature/)
  })

  attack('T14', () =>
    refusesToApply({ ...half, status: 'approved', approvals: [{ ...approvalOf(half), reason: 'night' }] }, /not a/),
  )

  attack('T15', () => refusesToApply(withApproval({ ...approvalOf(approved), atMs: Date.now() }), /at another time/))
})

describe('a table writer changes what was approved', () => {
  attack('T16', () =>
    refusesToApply(
      { ...approved, patch: { ...approved.patch, changes: [{ ...change(), after: EVERYTHING }] } },
      /does not have the digest/,
    ),
  )

  attack('T17', () => refusesToApply({ ...approved, patch: opensAll() }, /about another change/))

  attack('T18', () => {
    const arn = `arn:aws:iam::${OTHER}:role/deployer`
    const target = { ...change().target, accountId: OTHER, name: 'deployer', arn }
    return refusesToApply({ ...approved, patch: patchOf([{ ...change(), target }]) }, /about another change/)
  })

  attack('T19', () => {
    const target = { ...change().target, policyName: 'other' }
    return refusesToApply(
      { ...approved, patch: patchOf([change(), { ...change(), target, before: null, after: EVERYTHING }]) },
      /about another change/,
    )
  })

  attack('T20', async () => {
    const own = await newlyApproved()
    const extra = { ...change(own), after: EVERYTHING, required: false }
    const changes = [change(own), { ...extra, digest: changeDigest(extra) }]
    await bot.put({ ...own, patch: { ...own.patch, changes } })
    await bot.apply(own.id)
    expect(JSON.stringify(await bot.iam())).not.toContain(JSON.stringify(EVERYTHING.Statement))
  })

  attack('T21', () =>
    refusesToApply(
      { ...approved, denial: { ...approved.denial, resource: `arn:aws:iam::${MAIN}:role/admin` } },
      /about another denial/,
    ),
  )

  attack('T22', () =>
    refusesToApply(
      { ...approved, id: 'p-information', version: 0, fingerprint: 'ffffffffffffffff', patch: opensAll() },
      /is about proposal p-/,
    ),
  )

  attack('T23', async () => {
    const own = await newlyHalf()
    const verification = { ...own.verification, approvers: 1, risk: 'low' as const }
    const requester = { kind: 'machine' }
    await refusesToApply({ ...own, status: 'approved', verification, requester })
    expect(failureOf(await bot.stored(own.id))?.code).toBe('not-enough-approvals')
  })
})

describe('a table writer changes work that has begun', () => {
  /** Nothing is kept about it, so that nothing was begun. */
  async function refusesToResume(forged: object): Promise<void> {
    await refusesToApply(forged)
    expect(failureOf(await bot.stored((forged as Proposal).id))?.code).toBe('began-earlier')
  }

  attack('T24', async () => refusesToResume(begun(await newlyApproved(), { after: EVERYTHING })))

  attack('T25', async () => {
    const own = await newlyApproved()
    const target = { ...planned(own).target, name: 'orders-task', arn: `arn:aws:iam::${MAIN}:role/orders-task` }
    await refusesToResume(begun(own, { target }))
  })

  attack('T26', async () => {
    const own = await newlyApproved()
    const writing = { writes: [planned(own)], endsAtMs: Date.now() + 1 }
    await refusesToResume(begun(own, {}, { writing }))
  })

  attack('T27', async () => {
    const failure = { code: 'x', message: 'x', owner: null }
    await refusesToResume(begun(await newlyApproved(), { before: EVERYTHING }, { failure }))
  })

  /** `write` answers what it has signed: it stands. */
  async function staysApplied(changed: object): Promise<void> {
    await refusesToApply({ ...applied, status: 'applying', leaseUntilMs: null, dueAtMs: 0, ...changed })
    expect(await bot.stored(applied.id)).toMatchObject({ status: 'applied', failure: null })
  }

  attack('T28', () => {
    const { target, before, after } = writtenBy()
    const writing = { writes: [{ target, before, after }], endsAtMs: null }
    return staysApplied({ writing, failure: { code: 'x', message: 'x', owner: null } })
  })

  attack('T29', () => {
    const writing = {
      writes: [{ ...planned(approved), target: writtenBy().target, after: EVERYTHING }],
      endsAtMs: null,
    }
    return staysApplied({ writing, failure: null })
  })
})

describe('a table writer turns an undoing into something else', () => {
  /** Whatever the item says, exactly what was granted is taken away, and the log says that and nothing else. */
  async function revertsTheGrant(forged: (own: Reverting, stands: PolicyChange) => object): Promise<void> {
    const own = await newlyApproved()
    const before = await bot.iam()
    await bot.apply(own.id)
    await bot.press(own.id, ANA, 'revert')
    const asked = inStatus(await bot.stored(own.id), 'reverting')
    await bot.put(forged(asked, firstOf(asked.applied.changes)))
    await bot.revert(own.id)
    expect(await bot.iam()).toEqual(before)
    expect((await bot.stored(own.id)).status).toBe('reverted')
    const recorded = (await bot.records(own.id)).filter(({ kind }) => kind === 'reverted').flatMap(one => one.changes)
    expect(recorded.map(({ target, after }) => [target, after])).toEqual(
      own.patch.changes.map(({ target, before: was }) => [target, was]),
    )
  }
  const outcome = ({ applied: given }: Reverting, changes: readonly object[]) => ({ applied: { ...given, changes } })

  attack('T30', () =>
    refusesToRevert({ ...reverting, revertRequest: { ...reverting.revertRequest, signed: null } }, /not signed/),
  )

  attack('T31', () =>
    refusesToRevert(
      { ...reverting, revertRequest: { ...reverting.revertRequest, signed: approvalOf(reverting).signed } },
      /does not decide this/,
    ),
  )

  attack('T32', () =>
    refusesToRevert(
      { ...reverting, revertRequest: { ...reverting.revertRequest, by: { id: BEN, name: 'Ben' } } },
      /was asked for by/,
    ),
  )

  attack('T33', async () => {
    const ended = { ...applied.applied, endsAtMs: Date.now() - 1 }
    await bot.put({ ...applied, applied: ended, dueAtMs: 1 })
    await bot.refuses(
      async () => {
        await bot.handlers.sweep()
        await bot.revert(applied.id)
      },
      { id: applied.id, why: /another end|not signed/ },
    )
  })

  attack('T34', () =>
    revertsTheGrant((own, stands) => ({ ...own, ...outcome(own, [{ ...stands, before: EVERYTHING }]) })),
  )

  attack('T35', () => {
    const arn = `arn:aws:iam::${MAIN}:role/orders-task`
    return revertsTheGrant((own, stands) => {
      const target = { ...stands.target, name: 'orders-task', arn }
      return { ...own, ...outcome(own, [{ ...stands, target }]) }
    })
  })

  attack('T36', () =>
    revertsTheGrant((own, { target, before, after }) => ({
      ...own,
      undoing: [
        { target, before: after, after: EVERYTHING },
        // After the revert, this write would find the document that it expects.
        { target, before, after: EVERYTHING },
        { target: { ...target, policyName: 'other' }, before: null, after: EVERYTHING },
      ],
    })),
  )
})

describe('a table writer plays decisions again', () => {
  attack('T40', async () => {
    await refusesToApply({ ...undone, version: 50 })
    expect(await bot.stored(undone.id)).toMatchObject({ status: 'failed', failure: { code: 'closed' } })
  })

  attack('T41', async () => {
    const { applied: _, failure: __, ...rest } = applied
    await refusesToApply({ ...rest, status: 'approved', version: 60, dueAtMs: 0 })
    expect(await bot.stored(applied.id)).toMatchObject({ status: 'applied', failure: null })
  })
})

describe('the deployed functions, left alone', () => {
  it('write and revert what people decided: the attacks above did not fail for another reason', async () => {
    await bot.put({ ...approved, version: 900 })
    await bot.apply(approved.id)
    expect((await bot.stored(approved.id)).status).toBe('applied')
  })
})
