/** The whole deployment as stacks. */

import type { Stack } from 'aws-cdk-lib'
import { App, type AppProps, Tags, Validations } from 'aws-cdk-lib'
import { AwsSolutionsChecks } from 'cdk-nag'
import type { Config } from '../functions/domain/config/index.ts'
import { applyRoleSettings } from './constructs/roles/role-settings.ts'
import type { DeploySettings } from './settings.ts'
import { type Bundles, botStack, type DeployedBot, fromBundles } from './stacks/bot.ts'
import { hubEnvironment } from './stacks/hub-environment.ts'
import { memberStack } from './stacks/member.ts'
import { rolesStack } from './stacks/roles.ts'
import { type State, stateStack } from './stacks/state.ts'

/** Also checks templates against CloudFormation's resource schemas. */
export const FLAGS = {
  '@aws-cdk/core:validateAgainstDefaultRules': true,
  '@aws-cdk/core:checkSecretUsage': true,
}

export type RolemedicProps = {
  readonly settings: DeploySettings
  readonly config: Config
  /** Of the text that `config` was read from. */
  readonly configDigest: string
  readonly bundles: Bundles
  /** Shown in the audit log. */
  readonly version: string
}

export type Rolemedic = {
  readonly app: App
  readonly state: State
  readonly bot: DeployedBot
  readonly roles: Stack
  readonly members: readonly Stack[]
}

export function rolemedic(
  { settings, config, configDigest, bundles, version }: RolemedicProps,
  props: AppProps = {},
): Rolemedic {
  const app = new App({ analyticsReporting: false, context: FLAGS, ...props })
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app))
  const state = stateStack(app, settings)
  const bot = botStack(app, { settings, config, state, source: () => fromBundles(bundles), version, configDigest })
  const env = hubEnvironment(settings)
  const roles = rolesStack(app, { settings, config, env })
  const here = memberStack(app, { settings, version, env })
  // Earlier versions had the roles in this stack. It must release their names before the other stack creates them.
  roles.addStackDependency(here)
  const members = settings.otherRegions.map(region =>
    memberStack(app, { settings, version, env: { ...env, region }, suffix: `-${region}` }),
  )
  // They send heartbeats at once, and EventBridge does not try again what finds no bus. Without an order, the CDK goes by the names.
  // https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
  for (const member of members) member.addStackDependency(bot.stack)
  applyRoleSettings(app, settings)
  // Dashboards support tags only in some Regions.
  for (const [key, value] of Object.entries(settings.tags))
    Tags.of(app).add(key, value, { excludeResourceTypes: ['AWS::CloudWatch::Dashboard'] })
  return { app, state, bot, roles, members: [here, ...members] }
}
