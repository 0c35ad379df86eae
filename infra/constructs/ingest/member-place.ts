/** The same template is deployed in every account and Region: conditions say what each of them needs. */
import { Aspects, Aws, CfnCondition, CfnResource, Fn, type ICfnRuleConditionExpression } from 'aws-cdk-lib'
import type { Construct, IConstruct } from 'constructs'
import type { Settings } from '../../settings.ts'

export type MemberPlace = {
  /** Account of the bot's functions. */
  readonly hubAccount: string
  /** Roles are global: they are made in one Region of each account, the bot's. */
  readonly hasRoles: CfnCondition
  /** Everywhere but where the bot itself is, as its own rules are there. */
  readonly forwards: CfnCondition
  /** The account that administers Identity Center; null: there is none. */
  readonly administersPermissionSets: CfnCondition | null
}

export function memberPlace(scope: Construct, { region, organization }: Settings): MemberPlace {
  const hubAccount = organization?.hubAccountId ?? Aws.ACCOUNT_ID
  const hasRoles = new CfnCondition(scope, 'HasRoles', { expression: Fn.conditionEquals(Aws.REGION, region) })
  const inHubRegion = Fn.conditionEquals(Aws.REGION, region)
  const isHub: ICfnRuleConditionExpression =
    organization === null
      ? inHubRegion
      : Fn.conditionAnd(inHubRegion, Fn.conditionEquals(Aws.ACCOUNT_ID, organization.hubAccountId))
  const forwards = new CfnCondition(scope, 'Forwards', { expression: Fn.conditionNot(isHub) })
  const center = organization?.identityCenter
  const administersPermissionSets =
    center === undefined
      ? null
      : new CfnCondition(scope, 'AdministersPermissionSets', {
          expression: Fn.conditionAnd(inHubRegion, Fn.conditionEquals(Aws.ACCOUNT_ID, center.accountId)),
        })
  return { hubAccount, hasRoles, forwards, administersPermissionSets }
}

/** Every resource below the construct exists only under the condition: also what CDK adds later, as where a policy is long. */
export function onlyIf(condition: CfnCondition, construct: IConstruct): void {
  Aspects.of(construct).add({
    visit: child => {
      if (CfnResource.isCfnResource(child)) child.cfnOptions.condition = condition
    },
  })
}
