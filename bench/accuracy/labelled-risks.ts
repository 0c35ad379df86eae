/** Roles to open, with the number of approvers that they need, and mutations that do not change that number. */
import { analyzeCase, type CaseInput } from '../../test/case-run.ts'
import {
  approversOf,
  chainCases,
  type Mode,
  ordinaryCases,
  pathCases,
  type RiskCase,
  riskInput,
} from '../../test/fixtures/risk/risk-cases.ts'
import { MUTATIONS } from './mutations.ts'

type LabelledRisk = {
  readonly name: string
  readonly mutation: string
  readonly input: CaseInput
  readonly approvers: number
}

export type RiskScore = Pick<LabelledRisk, 'name' | 'mutation' | 'approvers'> & {
  readonly answer: number | string
  readonly tooLow: boolean
  readonly tooHigh: boolean
}

const UNSEEN = 'a policy that is not in the snapshot'
/** Without a snapshot, nothing is offered. */
const KEEPING = Object.keys(MUTATIONS).filter(name => name !== 'no snapshot at all')

export async function riskScores(): Promise<readonly RiskScore[]> {
  const scores: RiskScore[] = []
  for (const one of labelledRisks()) {
    const { name, mutation, input, approvers } = one
    const answer = approversOf(await analyzeCase(input))
    // A refused change needs no approval, but does not help either.
    const tooLow = typeof answer === 'number' && answer < approvers
    const tooHigh = typeof answer === 'number' ? answer > approvers : approvers === 1
    scores.push({ name, mutation, approvers, answer, tooLow, tooHigh })
  }
  return scores
}

/** Every case for PassRole and for AssumeRole, each also with one mutation, in rotation. */
function labelledRisks(): readonly LabelledRisk[] {
  const both: readonly Mode[] = ['pass', 'assume']
  const all: readonly (RiskCase & { readonly modes: readonly Mode[] })[] = [
    ...[...pathCases(), ...ordinaryCases()].map(one => ({ ...one, modes: both })),
    ...chainCases(),
  ]
  const written = all.flatMap(({ name, setup, approvers, modes }) =>
    modes.map(mode => ({
      name: `${mode}: ${name}`,
      mutation: 'as written',
      input: riskInput(setup, mode),
      approvers,
    })),
  )
  return [...written, ...written.flatMap((one, index) => mutated(one, KEEPING[index % KEEPING.length] ?? ''))]
}

function mutated(one: LabelledRisk, mutation: string): readonly LabelledRisk[] {
  const label = { cause: null, verdict: 'proved', changes: [], mayRefuse: true }
  const variant = MUTATIONS[mutation]?.({ ...one, label }) ?? null
  if (variant === null) return []
  // The content of an unread policy is unknown, which adds one step.
  return [{ ...one, ...variant, mutation, approvers: mutation === UNSEEN ? 2 : one.approvers }]
}
