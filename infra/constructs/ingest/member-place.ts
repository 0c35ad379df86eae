/** The same template is deployed in every account and Region. Conditions decide what each of them needs. */
import { Aspects, Aws, CfnCondition, CfnResource, Fn, type ICfnRuleConditionExpression } from 'aws-cdk-lib'
import type { Construct, IConstruct } from 'constructs'
import type { DeploySettings } from '../../settings.ts'

export type MemberPlace = {
  /** Account of the bot's functions. */
  readonly hubAccount: string
  /** The account that administers Identity Center. Null: there is none. */
  readonly administersPermissionSets: CfnCondition | null
}

export function memberPlace(scope: Construct, { organization }: DeploySettings): MemberPlace {
  const center = organization?.identityCenter
  const administersPermissionSets =
    center === undefined
      ? null
      : new CfnCondition(scope, 'AdministersPermissionSets', {
          expression: Fn.conditionEquals(Aws.ACCOUNT_ID, center.accountId),
        })
  return { hubAccount: organization?.hubAccountId ?? Aws.ACCOUNT_ID, administersPermissionSets }
}

export type Forwards = {
  readonly hubAccount: string
  /** True everywhere except in the bot's own account and Region, which has its own rules. */
  readonly condition: CfnCondition
}

export function forwardsFrom(scope: Construct, { region, organization }: DeploySettings): Forwards {
  const inHubRegion = Fn.conditionEquals(Aws.REGION, region)
  const isHub: ICfnRuleConditionExpression =
    organization === null
      ? inHubRegion
      : Fn.conditionAnd(inHubRegion, Fn.conditionEquals(Aws.ACCOUNT_ID, organization.hubAccountId))
  return {
    hubAccount: organization?.hubAccountId ?? Aws.ACCOUNT_ID,
    condition: new CfnCondition(scope, 'Forwards', { expression: Fn.conditionNot(isHub) }),
  }
}

/** Puts every resource below the construct under the condition, including those that the CDK adds later, such as for a long policy. */
export function onlyIf(condition: CfnCondition, construct: IConstruct): void {
  Aspects.of(construct).add({
    visit: child => {
      if (CfnResource.isCfnResource(child)) child.cfnOptions.condition = condition
    },
  })
}
