/**
 * Forwards denials and failed deploys to the hub's bus. EventBridge repeats for 24 hours what it cannot deliver; a denial that is older is
 * refused anyway, so nothing is kept beyond that.
 */
import { Aws } from 'aws-cdk-lib'
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { Construct } from 'constructs'
import type { Settings } from '../config.ts'
import { FORWARDER_ROLE, HUB_BUS } from '../names.ts'
import { denialRules, deployRules } from './denial-rules.ts'
import { type MemberPlace, onlyIf } from './member-place.ts'

export function forwarding(scope: Construct, { region, existing }: Settings, place: MemberPlace): void {
  const here = new Construct(scope, 'Forwarding')
  const bus = existing.busArn ?? `arn:${Aws.PARTITION}:events:${region}:${place.hubAccount}:event-bus/${HUB_BUS}`
  const role = new Role(here, 'Role', {
    roleName: `${FORWARDER_ROLE}-${Aws.REGION}`,
    description: 'rolemedic: forwards denials to the bot',
    assumedBy: new ServicePrincipal('events.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
    }),
  })
  role.addToPolicy(new PolicyStatement({ sid: 'Forward', actions: ['events:PutEvents'], resources: [bus] }))
  const target = { arn: bus, roleArn: role.roleArn }
  denialRules(here, target)
  deployRules(here, target)
  onlyIf(place.forwards, here)
}
