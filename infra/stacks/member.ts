/** What each forwarding account and Region needs: rules, their role and a dead-letter queue. One template for a StackSet. */
import {
  CfnWaitConditionHandle,
  DefaultStackSynthesizer,
  type Environment,
  type IStackSynthesizer,
  Stack,
  type StackProps,
} from 'aws-cdk-lib'
import type { Construct } from 'constructs'
import { type ForwardingProps, forwarding } from '../constructs/ingest/forwarding.ts'
import { forwardsFrom } from '../constructs/ingest/member-place.ts'
import { PREFIX } from '../names.ts'

export type MemberProps = ForwardingProps & { readonly env?: Environment; readonly suffix?: string }

export function memberStack(scope: Construct, { settings, version, env, suffix = '' }: MemberProps): Stack {
  const stack = new Stack(
    scope,
    `${PREFIX}-member${suffix}`,
    memberProps('rolemedic: forwarding rules of one account and Region', env),
  )
  // In the bot's own account and Region nothing is forwarded, but a stack must contain a resource.
  new CfnWaitConditionHandle(stack, 'Here')
  forwarding(stack, { settings, version }, forwardsFrom(stack, settings))
  return stack
}

/**
 * A StackSet deploys the template unchanged into accounts without a CDK bootstrap. A template as text may have 51,200 bytes,
 * and a third of an indented template is white space.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStackSet.html
 */
export function memberProps(description: string, env: Environment | undefined): StackProps {
  return {
    description,
    suppressTemplateIndentation: true,
    synthesizer: new DefaultStackSynthesizer({ generateBootstrapVersionRule: false }) as IStackSynthesizer,
    ...(env === undefined ? {} : { env }),
  }
}
