/** What each account and Region needs: reader and writer role, forwarding rules. One template for a StackSet. */
import { DefaultStackSynthesizer, type Environment, type IStackSynthesizer, Stack } from 'aws-cdk-lib'
import { Construct } from 'constructs'
import { forwarding } from '../constructs/ingest/forwarding.ts'
import { memberPlace, onlyIf } from '../constructs/ingest/member-place.ts'
import { type ReaderProps, readerRole } from '../constructs/roles/reader-role.ts'
import type { WriterPolicyProps } from '../constructs/roles/writer-policy.ts'
import { permissionSetPolicy, writerRole } from '../constructs/roles/writer-role.ts'
import { PREFIX } from '../names.ts'

export type MemberProps = WriterPolicyProps & ReaderProps & { readonly env?: Environment; readonly suffix?: string }

export function memberStack(scope: Construct, { settings, config, env, suffix = '' }: MemberProps): Stack {
  const stack = new Stack(scope, `${PREFIX}-member${suffix}`, {
    description: 'rolemedic: roles and forwarding rules of one account and Region',
    // A StackSet deploys the template as it is, into accounts without a CDK bootstrap. As text it may have 51,200 bytes, and a
    // third of an indented template is white space.
    // https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStackSet.html
    suppressTemplateIndentation: true,
    synthesizer: new DefaultStackSynthesizer({ generateBootstrapVersionRule: false }) as IStackSynthesizer,
    ...(env === undefined ? {} : { env }),
  })
  const place = memberPlace(stack, settings)
  const roles = new Construct(stack, 'Roles')
  readerRole(roles, { settings, config }, place)
  const writer = writerRole(roles, { settings, config }, place)
  onlyIf(place.hasRoles, roles)
  if (place.administersPermissionSets !== null)
    permissionSetPolicy(stack, writer).cfnOptions.condition = place.administersPermissionSets
  forwarding(stack, settings, place)
  return stack
}
