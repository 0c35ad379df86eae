import type { NextStep } from '../diagnosis.ts'
import { advice } from '../diagnosis-builder.ts'

export const linkedRoleCommand = (service: string | null): string =>
  `aws iam create-service-linked-role --aws-service-name ${service ?? 'SERVICE.amazonaws.com'}`

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/create-service-linked-role.html */
export const linkedRoleStep = (service: string | null): NextStep =>
  advice(
    'Have an administrator create it, which each account needs once, then repeat the call. If it already exists, AWS reports that.',
    linkedRoleCommand(service),
    'an administrator of the account',
  )
