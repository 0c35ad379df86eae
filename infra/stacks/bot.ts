/** The functions, their triggers, and their alarms. */

import { CfnOutput, Stack, Tags } from 'aws-cdk-lib'
import { CfnFunction, Code, type ILayerVersion, type Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda'
import type { Construct } from 'constructs'
import { CHAT_NAME, type Config } from '../../functions/domain/config/index.ts'
import { HEARTBEAT_RULE } from '../../functions/domain/members/index.ts'
import { CONSUMED_QUEUES, CONSUMERS, MIN_CONCURRENCY } from '../capacity.ts'
import { botFunction } from '../constructs/bot/bot-function.ts'
import { routes } from '../constructs/bot/endpoint-routes.ts'
import { environmentOf } from '../constructs/bot/function-environment.ts'
import { schedules } from '../constructs/bot/schedules.ts'
import { selfTestRule } from '../constructs/bot/self-test-rule.ts'
import {
  DENIAL_RULES,
  DEPLOY_RULES,
  denialRules,
  deployRules,
  heartbeatRule,
  mayDeliver,
} from '../constructs/ingest/denial-rules.ts'
import { heartbeatSchedule } from '../constructs/ingest/heartbeat-schedule.ts'
import { hubBus, hubBusName } from '../constructs/ingest/hub-bus.ts'
import { alarms } from '../constructs/observability/alarms.ts'
import { dashboard } from '../constructs/observability/dashboard.ts'
import { permissionsOf } from '../constructs/roles/permissions.ts'
import { consumeQueue, type WorkQueues, workQueues } from '../constructs/state/work-queues.ts'
import type { FunctionName } from '../functions.ts'
import { PREFIX } from '../names.ts'
import type { DeploySettings } from '../settings.ts'
import { hubEnvironment } from './hub-environment.ts'
import type { State } from './state.ts'

/** The folder of each function's bundle. */
export type Bundles = { readonly [name in FunctionName]: string }

/** Where the functions find their code and their configuration. */
export type FunctionSource = {
  readonly codeOf: (name: FunctionName) => Code
  readonly configFolder: string
  readonly layers: readonly ILayerVersion[]
}

/** The configuration is next to each bundle. */
export const fromBundles = (bundles: Bundles): FunctionSource => ({
  codeOf: name => Code.fromAsset(bundles[name]),
  // Where Lambda unpacks what was deployed.
  configFolder: '/var/task',
  layers: [],
})
export type DeployedBot = {
  readonly stack: Stack
  readonly functions: { readonly [name in FunctionName]: LambdaFunction }
  readonly queues: WorkQueues
}

export type BotProps = {
  readonly settings: DeploySettings
  readonly config: Config
  readonly state: State
  readonly source: (stack: Stack) => FunctionSource
  readonly version: string
  /** Names the text of the configuration. */
  readonly configDigest: string
}

export function botStack(
  scope: Construct,
  { settings, config, state, source, version, configDigest }: BotProps,
): DeployedBot {
  const stack = new Stack(scope, `${PREFIX}-bot`, {
    description: `rolemedic: functions, rules, queues, ${CHAT_NAME} endpoint`,
    env: hubEnvironment(settings),
  })
  // Dashboards support tags only in some Regions.
  Tags.of(stack).add('service', PREFIX, { excludeResourceTypes: ['AWS::CloudWatch::Dashboard'] })
  const queues = workQueues(stack, state.dead, settings)
  const means = { config, settings, state, queues }
  const { codeOf, configFolder, layers } = source(stack)
  const made = (name: FunctionName) =>
    botFunction(stack, name, {
      settings,
      code: codeOf(name),
      layers,
      environment: environmentOf(name, { ...means, settings, version, configFolder }),
      permissions: permissionsOf(name, means),
    })
  const functions = {
    intake: made('intake'),
    propose: made('propose'),
    decide: made('decide'),
    verify: made('verify'),
    write: made('write'),
    sweep: made('sweep'),
    alert: made('alert'),
    publish: made('publish'),
    enroll: made('enroll'),
  }
  // Who reads what another one signs is updated first, so that it lists a new key before anything is signed with it. `write` and
  // `verify` read each other: of the two, `verify` asks again for an answer that it could not read.
  // https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-dependson.html
  const { write, propose, sweep, publish, verify, decide, enroll } = functions
  for (const reader of [write, propose, sweep]) updatedAfter(reader, verify)
  for (const reader of [verify, publish]) updatedAfter(reader, decide)
  updatedAfter(decide, enroll)

  // Without reserved concurrency, the account may have ten executions in all. A throttled message counts as received and may
  // become a dead letter.
  const atMost = (most: number) => (settings.reservedConcurrency ? most : MIN_CONCURRENCY)
  for (const name of CONSUMED_QUEUES) {
    const { by, batch, atOnce } = CONSUMERS[name]
    consumeQueue(queues[name], functions[by], { batch, maxConcurrency: atMost(atOnce) })
  }
  const deadLetterConfig = { arn: state.dead.rules.queueArn }
  const { eventBusName } = hubBus(stack, settings)
  const heartbeatRules = [undefined, eventBusName].map(bus => {
    denialRules(stack, settings, { arn: queues.intake.queueArn, deadLetterConfig }, bus)
    deployRules(stack, settings, { arn: queues.alert.queueArn, deadLetterConfig }, bus)
    return heartbeatRule(stack, { arn: queues.intake.queueArn, deadLetterConfig }, bus)
  })
  heartbeatSchedule(stack, version, [queues.intake, ...heartbeatRules])
  const buses = [hubBusName(settings)]
  mayDeliver(queues.intake, { rules: [...DENIAL_RULES, HEARTBEAT_RULE], buses })
  mayDeliver(queues.alert, { rules: DEPLOY_RULES, buses })
  routes(stack, functions, state.endpoint, settings)
  schedules(stack, functions, settings)
  selfTestRule(stack, functions)
  // What `rolemedic doctor --live` compares with its own.
  new CfnOutput(stack, 'Version', { value: version })
  new CfnOutput(stack, 'ConfigDigest', { value: configDigest })
  const monitored = { settings, state, queues, functions }
  dashboard(stack, monitored, alarms(stack, monitored))
  return { stack, functions, queues }
}

function updatedAfter(reader: LambdaFunction, signer: LambdaFunction): void {
  const [before, after] = [reader.node.defaultChild, signer.node.defaultChild]
  if (before instanceof CfnFunction && after instanceof CfnFunction) after.addResourceDependency(before)
}
