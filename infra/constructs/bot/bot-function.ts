/** One function with its own role and log group. */
import { Duration, RemovalPolicy } from 'aws-cdk-lib'
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import {
  Architecture,
  type Code,
  type ILayerVersion,
  Function as LambdaFunction,
  Runtime,
  Tracing,
} from 'aws-cdk-lib/aws-lambda'
import { LogGroup } from 'aws-cdk-lib/aws-logs'
import type { Construct } from 'constructs'
import { SIZES } from '../../capacity.ts'
import type { FunctionName } from '../../functions.ts'
import { nameOf } from '../../names.ts'
import type { DeploySettings } from '../../settings.ts'
import { acknowledge } from '../observability/acknowledge.ts'
import { allow, type Permission } from '../roles/permission.ts'

export type BotFunctionProps = {
  readonly settings: DeploySettings
  readonly code: Code
  /** Layers with what the bundle lacks. */
  readonly layers: readonly ILayerVersion[]
  readonly environment: { readonly [name: string]: string }
  readonly permissions: readonly Permission[]
}

export function botFunction(scope: Construct, name: FunctionName, props: BotFunctionProps): LambdaFunction {
  const { settings, code, layers, environment, permissions } = props
  const { description, seconds, memoryMb, atOnce } = SIZES[name]
  const logGroup = new LogGroup(scope, `Logs-${name}`, {
    logGroupName: `/aws/lambda/${nameOf(name)}`,
    retention: settings.logRetentionDays,
    removalPolicy: RemovalPolicy.DESTROY,
  })
  const role = new Role(scope, `Role-${name}`, {
    roleName: nameOf(name),
    description: `rolemedic: ${description}`,
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
  })
  const logs = {
    sid: 'WriteLogs',
    actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    resources: [logGroup.logGroupArn],
  }
  allow(role, [logs, ...permissions])
  const lambda = new LambdaFunction(scope, `Function-${name}`, {
    functionName: nameOf(name),
    description,
    role,
    logGroup,
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    handler: 'index.handler',
    code,
    layers: [...layers],
    timeout: Duration.seconds(seconds),
    memorySize: memoryMb,
    tracing: Tracing.ACTIVE,
    environment: { ...environment },
    ...(settings.reservedConcurrency ? { reservedConcurrentExecutions: atOnce } : {}),
  })
  acknowledge(
    role,
    'AwsSolutions-IAM5[Resource::*]',
    'Tracing: X-Ray has no resources. What else has none is said with the right.',
  )
  return lambda
}
