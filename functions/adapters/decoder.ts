/** Decoding of EC2's denials through the reader role, in a module of its own: most denials are told in plain words. */
import type { AwsExplanations } from '../core/ports.ts'
import { assumedAccess } from './account-access.ts'
import { awsExplanations } from './aws-explanations.ts'

export const decoder = (role: {
  readonly roleName: string
  readonly region: string
}): Pick<AwsExplanations, 'decode'> => awsExplanations({ access: assumedAccess(role) })
