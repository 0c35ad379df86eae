import type { NextStep } from '../diagnosis.ts'
import { advice } from '../diagnosis-builder.ts'

export const linkedRoleCommand = (service: string | null): string =>
  `aws iam create-service-linked-role --aws-service-name ${service ?? '<service>.amazonaws.com'}`

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/create-service-linked-role.html */
export const linkedRoleStep = (service: string | null): NextStep =>
  advice(
    'An account needs it once: an administrator creates it, and the call then finds it. Where it is there already, AWS says so.',
    linkedRoleCommand(service),
    'an administrator of the account',
  )
