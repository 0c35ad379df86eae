import { type AuditStep, entryFor } from '../../functions/domain/audit/audit-entry.ts'
import type { Proposal } from '../../functions/domain/proposal/proposal.ts'
import { auditFolder } from '../../simulator/audit-folder.ts'
import { MINUTE, NOON } from './sample-proposal.ts'
import { IDENTITY_CHANGE, proposalWith, TRUST_CHANGE } from './two-sided.ts'

const ANA = { id: 'U0ONCALL1', name: 'Ana' }
const BEN = { id: 'U0ONCALL2', name: 'Ben' }
const HOSTILE = { id: 'U0VISITOR', name: '<img src=x onerror=alert(1)>\u202e\u001b[31m' }

/** A trust policy whose condition contains a secret. */
const GUARDED = {
  ...TRUST_CHANGE,
  after: {
    ...TRUST_CHANGE.after,
    Statement: TRUST_CHANGE.after.Statement.map(statement => ({
      ...statement,
      Condition: { StringEquals: { 'sts:ExternalId': 'secret-external-id' } },
    })),
  },
}

/** Three cases: applied and reverted; rejected; approved by two people, one with a hostile name, and failed. */
export async function sampleLog(folder: string): Promise<void> {
  const audit = auditFolder({ folder })
  const add = async (proposal: Proposal, ...steps: AuditStep[]) => {
    for (const step of steps) await audit.append(entryFor(proposal, step, 'test'))
  }
  const at = (minutes: number, seconds = 0) => NOON + minutes * MINUTE + seconds * 1000
  await add(
    proposalWith([IDENTITY_CHANGE]),
    { kind: 'denial-seen', atMs: at(0), why: 'no identity policy allows it' },
    { kind: 'proposed', atMs: at(1), why: 'No identity policy of deployer allows iam:PassRole on app-task.' },
    { kind: 'approved', atMs: at(4), by: ANA, why: 'approved' },
    { kind: 'apply-intended', atMs: at(4, 2), why: 'as approved' },
    { kind: 'applied', atMs: at(4, 5), why: 'written and read back', requestIds: ['request-1'] },
    { kind: 'reverted', atMs: at(90), by: ANA, why: 'what was written was removed' },
  )
  await add(
    proposalWith([IDENTITY_CHANGE], { id: 'p-2' }),
    { kind: 'denial-seen', atMs: at(20), why: 'again' },
    { kind: 'proposed', atMs: at(21), why: 'again' },
    { kind: 'rejected', atMs: at(40), by: BEN, why: 'not needed' },
  )
  const hostile = proposalWith([GUARDED], { id: 'p-3' })
  const denial = {
    ...hostile.denial,
    principal: { ...hostile.denial.principal, arn: 'arn:aws:iam::111122223333:user/<b>eve' },
  }
  await add(
    { ...hostile, denial },
    { kind: 'proposed', atMs: at(100), why: `<img src=x onerror=alert(2)>\u0007${'x'.repeat(50)}` },
    { kind: 'approved', atMs: at(110), by: HOSTILE, why: 'approved' },
    { kind: 'approved', n: 1, atMs: at(130), by: BEN, why: 'approved' },
    { kind: 'apply-failed', atMs: at(131), why: 'the trust policy of role app-task has reached a quota of IAM' },
  )
}
