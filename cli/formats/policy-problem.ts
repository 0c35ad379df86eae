import type { PolicyProblem } from '../use-cases/explain-policy.ts'

/** `named`: what the principal and the service are called where the question was asked. */
export const policyProblemText = (
  problem: PolicyProblem,
  action: string,
  named = { principal: '--as ARN', service: '--service' },
): string =>
  problem === 'no-principal'
    ? `a trust policy decides by who asks: give ${named.principal}`
    : `${named.service} is for iam:PassRole, not for ${action}`
