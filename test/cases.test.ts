import { describe, expect, it } from 'vitest'
import type { Analysis } from '../functions/workflows/denial/analyze-denial.ts'
import type { Case } from './case-file.ts'
import { analysisOf, CASE_FILES, caseFile, changeOf } from './case-run.ts'
import { approversOf } from './fixtures/risk/risk-cases.ts'

/** All results of an analysis that a case must list. */
function outcomeOf({ diagnosis, patch, followUps, refusal }: Analysis): Omit<Case['expect'], 'approvers'> {
  return {
    cause: diagnosis.cause,
    verdict: diagnosis.verdict,
    deciding: diagnosis.evidence
      .filter(one => one.statement !== null)
      .map(one => `${one.policyType} ${one.policy?.split('/').at(-1)} ${one.statement}`),
    unknowns: diagnosis.unknowns.map(one => one.fact),
    patch: (patch?.changes ?? []).map(changeOf),
    later: followUps.map(changeOf),
    refusal: refusal?.code ?? null,
    says: [],
    silent: [],
  }
}

function wordsOf({ diagnosis }: Analysis): string {
  const findings = diagnosis.evidence.map(one => one.finding)
  const steps = diagnosis.nextSteps.flatMap(step => [step.text, step.command ?? '', step.owner ?? ''])
  return [diagnosis.summary, ...findings, ...steps].join('\n')
}

describe.each(CASE_FILES)('%s', name => {
  const file = caseFile(name)

  it.each(file.cases.map(one => [one.name, one] as const))('%s', async (_, one) => {
    const analysis = await analysisOf(file, one)
    const { says, silent, approvers, ...expected } = one.expect
    expect(outcomeOf(analysis)).toEqual({ ...expected, says: [], silent: [] })
    if (approvers !== undefined) expect(approversOf(analysis)).toBe(approvers)
    const words = wordsOf(analysis)
    for (const text of says) expect(words).toContain(text)
    const { diagnosis, patch, followUps, refusal } = analysis
    for (const text of silent) expect(JSON.stringify({ diagnosis, patch, followUps, refusal })).not.toContain(text)
    // Either a patch or the reason why there is none.
    expect(analysis.patch === null).toBe(analysis.refusal !== null)
    expect(diagnosis.summary).toMatch(/^\S.{10,700}\.$/s)
  })
})

describe('the cases', () => {
  const all = CASE_FILES.flatMap(name => caseFile(name).cases)

  it('cover every kind of denial in number', () => {
    expect(all.length).toBeGreaterThanOrEqual(150)
  })

  it('have names of their own', () => {
    const names = all.map(one => one.name)
    expect(names.filter((one, index) => names.indexOf(one) !== index)).toEqual([])
  })
})
