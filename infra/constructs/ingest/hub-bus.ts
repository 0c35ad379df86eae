/** The bus that other Regions and other accounts of the organization forward their denials to. */
import { Stack } from 'aws-cdk-lib'
import { EventBus, type IEventBus } from 'aws-cdk-lib/aws-events'
import { AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { Construct } from 'constructs'
import { FORWARDER_ROLE, HUB_BUS, withPath } from '../../names.ts'
import type { DeploySettings } from '../../settings.ts'

/** The name is the last part of a bus's ARN. */
export const hubBusName = ({ existing }: DeploySettings): string =>
  existing.busArn?.split(':event-bus/').at(-1) ?? HUB_BUS

export function hubBus(scope: Construct, settings: DeploySettings): Pick<IEventBus, 'eventBusName'> {
  const { existing, organization } = settings
  if (existing.busArn !== undefined) return EventBus.fromEventBusArn(scope, 'HubBus', existing.busArn)
  const bus = new EventBus(scope, 'HubBus', { eventBusName: HUB_BUS, description: 'rolemedic: forwarded denials' })
  // Without a policy, a bus accepts events only from its own account.
  if (organization === null) return bus
  bus.addToResourcePolicy(
    new PolicyStatement({
      sid: 'ForwardersOfTheOrganization',
      effect: Effect.ALLOW,
      principals: [new AnyPrincipal()],
      actions: ['events:PutEvents'],
      resources: [bus.eventBusArn],
      conditions: {
        StringEquals: { 'aws:PrincipalOrgID': organization.id },
        ArnLike: {
          'aws:PrincipalArn': `arn:${Stack.of(scope).partition}:iam::*:role/${withPath(settings, FORWARDER_ROLE)}-*`,
        },
      },
    }),
  )
  return bus
}
