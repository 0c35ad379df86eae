import type { PreflightAnswer } from '../../use-cases/preflight/preflight.ts'

/** `option`: how the reader says who deploys. */
export const noDeployerText = (
  { names }: Extract<PreflightAnswer, { readonly kind: 'no-deployer' }>,
  option = '--as ARN',
): string => `${names} names no role that deploys it: say who does with ${option}`
