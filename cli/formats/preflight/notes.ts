import type { PreflightAnswer } from '../../use-cases/preflight/preflight.ts'

export const noDeployerText = ({ names }: Extract<PreflightAnswer, { readonly kind: 'no-deployer' }>): string =>
  `${names} names no role that deploys it: say who does with --as ARN`
