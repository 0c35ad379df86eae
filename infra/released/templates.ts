/** The templates of a release. They need neither the CDK nor a bootstrap, and contain nothing of the machine that built them. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  App,
  Aspects,
  Aws,
  CfnCondition,
  type CfnParameter,
  DefaultStackSynthesizer,
  Fn,
  type IResolvable,
  type IReusableStackSynthesizer,
  CfnRule as Rule,
  type Stack,
  Token,
} from 'aws-cdk-lib'
import { CfnRule } from 'aws-cdk-lib/aws-events'
import { CfnPolicy, CfnRole } from 'aws-cdk-lib/aws-iam'
import {
  CfnEventSourceMapping,
  CfnFunction,
  CfnLayerVersion,
  Code,
  LayerVersion,
  Runtime,
} from 'aws-cdk-lib/aws-lambda'
import { Bucket } from 'aws-cdk-lib/aws-s3'
import type { CfnTopic } from 'aws-cdk-lib/aws-sns'
import type { IConstruct } from 'constructs'
import { DEFAULT_CONFIG } from '../../functions/domain/config/index.ts'
import { FLAGS } from '../app.ts'
import { PACKED_CONFIG_FILE } from '../bundle.ts'
import { MIN_CONCURRENCY } from '../capacity.ts'
import { CHAT_PARAMETER_NAMES, chatSettingsIn, NEEDS_ONE, SAMPLE_CHAT } from '../chat.ts'
import { DENIAL_RULES, DEPLOY_RULES } from '../constructs/ingest/denial-rules.ts'
import { acknowledge } from '../constructs/observability/acknowledge.ts'
import { WRITES } from '../constructs/roles/writer-policy.ts'
import { FUNCTIONS, type FunctionName } from '../functions.ts'
import { CANARY_SCHEDULE, PREFIX, WRITER_ROLE } from '../names.ts'
import { type DeploySettings, parseSettings } from '../settings.ts'
import { botStack, type FunctionSource } from '../stacks/bot.ts'
import { memberStack } from '../stacks/member.ts'
import { rolesStack, WRITES_CONDITION } from '../stacks/roles.ts'
import { type State, stateStack } from '../stacks/state.ts'
import { conditions, KEY_ROTATIONS, rotatesOnce } from './key-rotations.ts'
import { endpointChosen, endpointMapped } from './own-endpoint.ts'
import { addParameters, configKeyPattern, given, MAX_ALERT_EMAILS, type ParameterName } from './parameters.ts'

/** The trusted principals differ too much for one template. */
const TRUST_FORMS = ['one-account', 'organization'] as const
export type TrustForm = (typeof TRUST_FORMS)[number]

export type ReleasedTemplate = { readonly form: TrustForm; readonly stack: string; readonly template: object }

const codeFile = (name: FunctionName, version: string): string => `${name}-${version}.zip`

/** The zip files of a release, one per function. */
export const codeFiles = (version: string): readonly (readonly [FunctionName, string])[] =>
  FUNCTIONS.map(name => [name, codeFile(name, version)])

export function releasedTemplates(version: string): readonly ReleasedTemplate[] {
  return TRUST_FORMS.flatMap(form => {
    const outdir = mkdtempSync(join(tmpdir(), 'rolemedic-released-'))
    try {
      const app = new App({
        analyticsReporting: false,
        context: FLAGS,
        defaultStackSynthesizer: new DefaultStackSynthesizer({
          generateBootstrapVersionRule: false,
        }) as IReusableStackSynthesizer,
        outdir,
      })
      build(app, form, version)
      return app
        .synth()
        .stacks.map(({ stackName, template }) => ({ form, stack: stackName, template: template as object }))
    } finally {
      rmSync(outdir, { recursive: true })
    }
  })
}

function build(app: App, form: TrustForm, version: string): void {
  const inHub = settingsOf(form, Aws.REGION, Aws.ACCOUNT_ID)
  const inMember = settingsOf(form, given('HubRegion'), given('HubAccountId'))
  const organization: readonly ParameterName[] = form === 'organization' ? ['OrganizationId'] : []
  const hub: readonly ParameterName[] = form === 'organization' ? ['HubAccountId'] : []
  const config = DEFAULT_CONFIG

  const state = stateStack(app, inHub)
  subscribed(state)
  const signing = rotatesOnce(state)
  const endpoint = endpointChosen(state)
  const source = (stack: Stack) => fromBucket(stack, version)
  const bot = botStack(app, {
    settings: inHub,
    config,
    state: { ...state, signing, endpoint },
    source,
    version,
    configDigest: given('ConfigKey'),
  })
  addParameters(bot.stack, [...BOT_PARAMETERS, ...organization])
  const configKey = bot.stack.node.findChild('ConfigKey' satisfies ParameterName) as CfnParameter
  configKey.allowedPattern = configKeyPattern(version)
  conditions(bot.stack)
  endpointMapped(bot.stack, endpoint.apiId)
  namesWhoDecides(bot.stack)
  onlyIfEnabled(bot.stack)
  reserved(bot.stack)

  const roles = rolesStack(app, { settings: inMember, config })
  addParameters(roles, ['WriterExternalId', 'ProtectedArns', ...organization, ...hub])
  listed(roles)

  const member = memberStack(app, { settings: inMember, version })
  addParameters(member, ['HubRegion', 'Enabled', ...hub])
  onlyIfEnabled(member)

  for (const stack of [bot.stack, roles, member]) bounded(stack)
}

const BOT_PARAMETERS: readonly ParameterName[] = [
  'CodeBucket',
  'CodePrefix',
  'ConfigKey',
  ...CHAT_PARAMETER_NAMES,
  'WriterExternalId',
  'ReservedConcurrency',
  'Enabled',
  'MemberRegions',
  'RetiredMembers',
]

/**
 * A list of any length cannot be split into elements, so each length has its own; empty places follow the last address. Part of the topic,
 * because CloudFormation compares its subscriptions as a set. As resources of their own, the addresses behind one that is taken out would
 * move to another place, and what removes a subscription from the place before would remove the one that they have.
 * https://github.com/aws-cloudformation/aws-cloudformation-resource-providers-sns
 */
function subscribed({ stack, alerts }: State): void {
  addParameters(stack, ['AlertEmails'])
  const places = Fn.split(',', Fn.join('', [given('AlertEmails'), ','.repeat(MAX_ALERT_EMAILS)]), MAX_ALERT_EMAILS)
  const has = places.map((address, index) => {
    const expression = Fn.conditionNot(Fn.conditionEquals(address, ''))
    return new CfnCondition(stack, `HasAlertEmail${index + 1}`, { expression }).logicalId
  })
  const email = places.map(address => ({ Endpoint: address, Protocol: 'email' }))
  const topic = alerts.node.defaultChild as CfnTopic
  topic.subscription = has.reduce<IResolvable>((fewer, id, index) => either(id, email.slice(0, index + 1), fewer), NONE)
}

/** Uses the defaults of all other settings. Other values need synthesis with the CDK. */
function settingsOf(form: TrustForm, region: string, hubAccountId: string): DeploySettings {
  const defaults = parseSettings({ region: 'us-east-1', ...SAMPLE_CHAT }, 'the defaults')
  return {
    ...defaults,
    region,
    ...chatSettingsIn(given),
    writerExternalId: given('WriterExternalId'),
    enabled: true,
    keyRotations: KEY_ROTATIONS,
    heartbeats: { ...defaults.heartbeats, regions: [given('MemberRegions')], retired: [given('RetiredMembers')] },
    organization: form === 'organization' ? { id: given('OrganizationId'), hubAccountId } : null,
  }
}

/** A layer holds what is read of the configuration: the zips are the same for everybody, as their checksums are. */
function fromBucket(stack: Stack, version: string): FunctionSource {
  const bucket = Bucket.fromBucketName(stack, 'Code', given('CodeBucket'))
  const layer = new CfnLayerVersion(stack, 'Config', {
    layerName: `${PREFIX}-config`,
    description: `rolemedic: ${PACKED_CONFIG_FILE}`,
    compatibleRuntimes: [Runtime.NODEJS_24_X.name],
    content: { s3Bucket: given('CodeBucket'), s3Key: given('ConfigKey') },
  })
  return {
    codeOf: name => Code.fromBucket(bucket, Fn.join('', [given('CodePrefix'), codeFile(name, version)])),
    // Where Lambda unpacks layers. https://docs.aws.amazon.com/lambda/latest/dg/packaging-layers.html
    configFolder: '/opt',
    layers: [LayerVersion.fromLayerVersionArn(stack, 'ConfigLayer', layer.ref)],
  }
}

const condition = (stack: Stack, id: string, parameter: ParameterName, value: string) =>
  new CfnCondition(stack, id, { expression: Fn.conditionEquals(given(parameter), value) })

/** Leaves the property out. */
const NONE = Token.asAny({ Ref: 'AWS::NoValue' })

const either = (id: string, whenTrue: unknown, whenFalse: unknown): IResolvable =>
  Fn.conditionIf(id, whenTrue, whenFalse)

function namesWhoDecides(stack: Stack): void {
  const empty = NEEDS_ONE.of.map(name => Fn.conditionEquals(given(name), ''))
  new Rule(stack, NEEDS_ONE.rule, {
    assertions: [{ assert: Fn.conditionNot(Fn.conditionAnd(...empty)), assertDescription: NEEDS_ONE.why }],
  })
}

function onlyIfEnabled(stack: Stack): void {
  condition(stack, 'IsEnabled', 'Enabled', 'yes')
  const switched = [...[...DENIAL_RULES, ...DEPLOY_RULES].map(rule => `${PREFIX}-${rule}`), CANARY_SCHEDULE]
  visit(stack, node => {
    if (node instanceof CfnRule && switched.includes(String(node.name)))
      node.state = Token.asString(either('IsEnabled', node.state, 'DISABLED'))
  })
}

function reserved(stack: Stack): void {
  condition(stack, 'Reserves', 'ReservedConcurrency', 'yes')
  visit(stack, node => {
    if (node instanceof CfnFunction)
      node.reservedConcurrentExecutions = Token.asNumber(
        either('Reserves', node.reservedConcurrentExecutions, { Ref: 'AWS::NoValue' }),
      )
    if (node instanceof CfnEventSourceMapping) {
      const { maximumConcurrency } = node.scalingConfig as CfnEventSourceMapping.ScalingConfigProperty
      node.scalingConfig = {
        maximumConcurrency: Token.asNumber(either('Reserves', maximumConcurrency, MIN_CONCURRENCY)),
      }
    }
  })
}

/** The writer's own boundary is narrower than any other. */
function bounded(stack: Stack): void {
  addParameters(stack, ['PermissionsBoundary'])
  const none = Fn.conditionEquals(given('PermissionsBoundary'), '')
  new CfnCondition(stack, 'HasBoundary', { expression: Fn.conditionNot(none) })
  const arn = `arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:policy/${given('PermissionsBoundary')}`
  visit(stack, node => {
    if (node instanceof CfnRole)
      node.permissionsBoundary ??= Token.asString(either('HasBoundary', arn, { Ref: 'AWS::NoValue' }))
  })
}

/** A separate policy, because a list parameter cannot be part of another list. A deny applies in any policy of a role. */
function listed(stack: Stack): void {
  const empty = Fn.conditionEquals(Fn.join('', Token.asList({ Ref: 'ProtectedArns' })), '')
  const lists = new CfnCondition(stack, 'HasProtectedArns', {
    expression: Fn.conditionAnd(stack.node.findChild(WRITES_CONDITION) as CfnCondition, Fn.conditionNot(empty)),
  })
  const policy = new CfnPolicy(stack, 'ProtectsListed', {
    policyName: 'protected',
    roles: [WRITER_ROLE],
    policyDocument: {
      Version: '2012-10-17',
      Statement: [{ Sid: 'NeverListed', Effect: 'Deny', Action: WRITES, Resource: { Ref: 'ProtectedArns' } }],
    },
  })
  policy.cfnOptions.condition = lists
  for (const role of stack.node.findAll().filter(node => node instanceof CfnRole))
    if (role.roleName === WRITER_ROLE) policy.node.addDependency(role)
}

function visit(stack: Stack, change: (node: IConstruct) => void): void {
  acknowledge(
    stack,
    'CloudFormation-Validate::W1028',
    'A condition on a parameter can be either; the check takes both branches for unreachable.',
  )
  Aspects.of(stack).add({ visit: change })
}
