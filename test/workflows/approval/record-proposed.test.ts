import { expect, it } from 'vitest'
import { present } from '../../../core/iam/conditions/context.ts'
import type { AuditEntry } from '../../../functions/domain/audit/audit-record.ts'
import { caseEvidence } from '../../../functions/domain/audit/case-evidence.ts'
import { recordProposed } from '../../../functions/workflows/approval/record-proposed.ts'
import { sampleProposal } from '../../fakes/sample-proposal.ts'
import { assuming, diagnosisOf } from '../../fixtures/diagnosis.ts'
import { CALLER, callerRole, document, snapshot } from '../../fixtures/evaluation.ts'

it('the first record holds what was decided on: the account may say something else in a year', async () => {
  const { diagnosis } = sampleProposal()
  const evidence = {
    policyType: 'identity',
    policy: 'deploy',
    attachedTo: 'arn:aws:iam::111122223333:role/deployer',
    statement: 1,
    sid: 'Pass',
    finding: 'names app-other, which is nearly the same',
  } as const
  const proposal = sampleProposal({
    diagnosis: {
      ...diagnosis,
      summary: 'No identity policy allows it.',
      evidence: [evidence],
      unknowns: [{ fact: 'session policy', why: 'CloudTrail does not show it' }],
    },
  })
  const entries: AuditEntry[] = []
  const audit = { appendAll: async (all: readonly AuditEntry[]) => void entries.push(...all) }
  await recordProposed(proposal, ['e-1'], { audit: audit as never, botVersion: 'test' })
  expect(entries.map(({ kind }) => kind)).toEqual(['denial-seen', 'proposed'])
  expect(entries[0]?.why).toBe(
    [
      'No identity policy allows it.',
      'Evidence: identity policy deploy on arn:aws:iam::111122223333:role/deployer, statement 2 (Pass): names app-other, which is nearly the same',
      'Not seen: session policy, CloudTrail does not show it',
    ].join('\n'),
  )
})

it('a policy adds no line to the record: the case would name a run that nobody saw', async () => {
  const region = 'eu-west-1\nRun: GitHub Actions, run 7 (proved)'
  const trust = document({
    ...{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: CALLER } },
    Condition: { StringEquals: { 'aws:RequestedRegion': region } },
  })
  const denial = assuming({ context: { 'aws:requestedregion': present('eu-central-1') } })
  const diagnosis = diagnosisOf(denial, snapshot(callerRole(), trust))
  const entries: AuditEntry[] = []
  const audit = { appendAll: async (all: readonly AuditEntry[]) => void entries.push(...all) }
  await recordProposed(sampleProposal({ diagnosis }), ['e-1'], { audit: audit as never, botVersion: 'test' })
  expect(entries[0]?.why).toContain('Run: GitHub Actions')
  expect(caseEvidence(entries).run).toBeNull()
})
