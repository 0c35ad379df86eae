import type { PreflightAnswer } from '../../use-cases/preflight/preflight.ts'

/** `option`: how the reader says who deploys. */
export const noDeployerText = (
  { names, pattern }: Extract<PreflightAnswer, { readonly kind: 'no-deployer' }>,
  option = '--as ARN',
): string =>
  pattern === null
    ? `${names} names no role that deploys it: say who does with ${option}`
    : `${names} does not say for which account or Region it is, so that the role that deploys it is only known as ${pattern}: say who starts the deploy with ${option}, whose account is taken, and give the Region`
