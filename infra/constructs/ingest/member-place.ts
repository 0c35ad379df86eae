/** The same template is deployed in every account and Region: conditions say what each of them needs. */
import { Aspects, Aws, CfnCondition, CfnResource, Fn, type ICfnRuleConditionExpression } from 'aws-cdk-lib'
import type { Construct, IConstruct } from 'constructs'
import type { DeploySettings } from '../../settings.ts'

export type MemberPlace = {
  /** Account of the bot's functions. */
  readonly hubAccount: string
  /** The account that administers Identity Center; null: there is none. */
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
  /** Everywhere but where the bot itself is, as its own rules are there. */
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

/** Every resource below the construct exists only under the condition: also what CDK adds later, as where a policy is long. */
export function onlyIf(condition: CfnCondition, construct: IConstruct): void {
  Aspects.of(construct).add({
    visit: child => {
      if (CfnResource.isCfnResource(child)) child.cfnOptions.condition = condition
    },
  })
}
