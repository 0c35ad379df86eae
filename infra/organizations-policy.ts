/**
 * The calls of the hub to Organizations, and the policy with which the management account allows them. Independent of the CDK,
 * because the command line prints it too.
 */
import { partitionOfRegion } from '../core/iam/index.ts'
import type { DeploySettings } from './settings.ts'

/** Every call of the bot to Organizations. */
export const ORGANIZATION_READS = [
  'organizations:DescribeAccount',
  'organizations:DescribeOrganization',
  'organizations:DescribePolicy',
  'organizations:ListParents',
  'organizations:ListPoliciesForTarget',
] as const

export type OrganizationRead = (typeof ORGANIZATION_READS)[number]

/**
 * The resource policy of the organization. An organization has only one such policy, so the statement is added to an existing one.
 * https://docs.aws.amazon.com/organizations/latest/userguide/security_iam_resource-based-policy-examples.html
 */
export function organizationsPolicy({ region }: Pick<DeploySettings, 'region'>, hubAccountId: string): object {
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'RolemedicReads',
        Effect: 'Allow',
        Principal: { AWS: `arn:${partitionOfRegion(region)}:iam::${hubAccountId}:root` },
        Action: ORGANIZATION_READS,
        Resource: '*',
      },
    ],
  }
}
