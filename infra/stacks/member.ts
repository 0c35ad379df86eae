/** What each account and Region that forwards needs: rules, their role and dead-letter queue. One template for a StackSet. */
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
  // Where the bot itself is, nothing is forwarded, and a stack has to have something.
  new CfnWaitConditionHandle(stack, 'Here')
  forwarding(stack, { settings, version }, forwardsFrom(stack, settings))
  return stack
}

/**
 * A StackSet deploys the template as it is, into accounts without a CDK bootstrap. As text it may have 51,200 bytes, and a third
 * of an indented template is white space.
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
