import { type Environment, Token } from 'aws-cdk-lib'
import type { DeploySettings } from '../settings.ts'

/** Where the bot runs. Without an organization, it is the deploying account; a released template runs wherever it is deployed. */
export function hubEnvironment({ region, organization }: DeploySettings): Environment {
  if (Token.isUnresolved(region)) return {}
  return organization === null ? { region } : { region, account: organization.hubAccountId }
}
