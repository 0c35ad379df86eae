import { describe, expect, it } from 'vitest'
import type { Denial } from '../../../core/denial/denial.ts'
import { requestKeyOf } from '../../../core/denial/fingerprint.ts'
import type { DeployState } from '../../../functions/domain/deploy/deploy.ts'
import type { AnalyzeAgain } from '../../../functions/workflows/deploy/analyze-bundle.ts'
import { analyzeWithTemplate } from '../../../functions/workflows/deploy/template-findings.ts'
import type { TemplateNeed } from '../../../iac/needs/template-need.ts'
import { DENIAL } from '../../fakes/sample-proposal.ts'

const OTHER_ROLE = 'arn:aws:iam::111122223333:role/app/orders-batch'
const need = (by: string | null, role: string, logicalId: string): TemplateNeed => ({
  action: 'iam:PassRole',
  operation: 'lambda:CreateFunction',
  service: 'lambda.amazonaws.com',
  via: 'cloudformation.amazonaws.com',
  role,
  by,
  isMade: false,
  place: { logicalId, property: 'Role', line: 3, constructPath: null },
})

type Reported = readonly { readonly request: string; readonly resource: string | null }[]

/** The roles that are assigned to the denied principal, besides the denied one. */
async function askedFor(denial: Denial, by: string | null, reported: Reported): Promise<readonly (string | null)[]> {
  const needs = [need(by, denial.resource ?? '', 'Worker'), need(by, OTHER_ROLE, 'Batch')]
  const broken = [{ template: { kind: 'read', needs, unnamed: 0, reported } }] as unknown as readonly DeployState[]
  const asked: (string | null)[] = []
  const analyze: AnalyzeAgain = async (_, __, { needs: others = [] } = {}) => {
    asked.push(...others.map(one => one.denial.resource))
    return { patch: null, verification: null, verified: null, refusal: null, followUps: [] } as never
  }
  await analyzeWithTemplate({ denial, earlierGrants: [], nowMs: 0 }, broken, analyze)
  return asked
}

describe('the needs of a template', () => {
  const own = `arn:aws:iam::111122223333:role/${DENIAL.principal.name}`
  const request = requestKeyOf(DENIAL)

  it('are asked for the role of the stack', async () => {
    expect(await askedFor(DENIAL, own, [])).toEqual([OTHER_ROLE])
  })

  it('are not asked for another principal, even if a resource reports its denial', async () => {
    const role = 'arn:aws:iam::111122223333:role/somebody-else'
    expect(await askedFor(DENIAL, role, [{ request, resource: 'Worker' }])).toEqual([])
  })

  it('of a stack without a role are asked where its resource reports this very denial', async () => {
    expect(await askedFor(DENIAL, null, [{ request, resource: 'Worker' }])).toEqual([OTHER_ROLE])
  })

  it.each([
    ['no resource reports a denial', []],
    ['it reports another denial', [{ request: 'another', resource: 'Worker' }]],
    ['a resource reports it that does not pass the role', [{ request, resource: 'Batch' }]],
  ] as const)('of a stack without a role are not asked where %s', async (_, reported) => {
    expect(await askedFor(DENIAL, null, reported)).toEqual([])
  })
})
