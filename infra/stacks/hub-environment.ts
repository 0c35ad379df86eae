import type { Environment } from 'aws-cdk-lib'
import type { Settings } from '../settings.ts'

/** Where the bot runs. Without an organization, it is the deploying account. */
export function hubEnvironment({ region, organization }: Settings): Environment {
  return organization === null ? { region } : { region, account: organization.hubAccountId }
}
