import { type Environment, Token } from 'aws-cdk-lib'
import type { DeploySettings } from '../settings.ts'

/** The account and Region of the bot. Without an organization, the deploying account. A released template works in any account. */
export function hubEnvironment({ region, organization }: DeploySettings): Environment {
  if (Token.isUnresolved(region)) return {}
  return organization === null ? { region } : { region, account: organization.hubAccountId }
}
