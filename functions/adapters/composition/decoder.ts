/** Decoding of EC2's denials through the reader role, in a module of its own: most denials are told in plain words. */
import type { AwsExplanations } from '../../ports/aws-explanations.ts'
import { awsExplanations } from '../aws/authorization-details/aws-explanations.ts'
import { assumedAccess } from '../aws/iam/account-access.ts'

export const decoder = (role: {
  readonly roleName: string
  readonly region: string
}): Pick<AwsExplanations, 'decode'> => awsExplanations({ access: assumedAccess(role) })
