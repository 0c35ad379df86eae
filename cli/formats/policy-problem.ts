import type { PolicyProblem } from '../use-cases/explain-policy.ts'

export const policyProblemText = (problem: PolicyProblem, action: string): string =>
  problem === 'no-principal'
    ? 'a trust policy decides by who asks: give --as ARN'
    : `--service is for iam:PassRole, not for ${action}`
