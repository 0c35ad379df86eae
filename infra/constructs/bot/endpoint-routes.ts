import { CfnOutput, RemovalPolicy, Stack } from 'aws-cdk-lib'
import { CfnApiMapping, CfnIntegration, CfnRoute, CfnStage } from 'aws-cdk-lib/aws-apigatewayv2'
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda'
import { LogGroup } from 'aws-cdk-lib/aws-logs'
import type { Construct } from 'constructs'
import { CHAT_NAME } from '../../../functions/domain/config/index.ts'
import { CHAT_PATH, CHAT_URL_OUTPUT } from '../../chat.ts'
import type { FunctionName } from '../../functions.ts'
import { PREFIX } from '../../names.ts'
import type { DeploySettings } from '../../settings.ts'
import { acknowledge } from '../observability/acknowledge.ts'
import type { Endpoint } from '../state/endpoint.ts'

const CHAT_ROUTE = `POST ${CHAT_PATH}` as const
/**
 * Far above the rate of people's clicks, so that other senders need long to exhaust it, and below what the concurrency of
 * `decide` rejects: a request without the chat's form takes it about a millisecond and reads no secret.
 */
const CHAT_THROTTLE = { throttlingRateLimit: 200, throttlingBurstLimit: 400 }
/** People open a page, and send what their device signs. It is one limit for the world: a sender of 10 a second should not close it. */
const PAGE_THROTTLE = { throttlingRateLimit: 50, throttlingBurstLimit: 200 }
/** Each reads the ledger: a sender of many leaves room in `enroll` for the command that removes a passkey. */
const CONFIRM_THROTTLE = { throttlingRateLimit: 10, throttlingBurstLimit: 20 }
/** The throttle of all other routes, which do not exist. */
const THROTTLE = { throttlingRateLimit: 1, throttlingBurstLimit: 1 }

/** For anyone: what decides is the chat's signature, or the signature of a passkey. */
const ROUTES = {
  [CHAT_ROUTE]: 'decide',
  'GET /approve/{page}': 'decide',
  'POST /approve/{page}': 'decide',
  'GET /enroll': 'enroll',
  'GET /enroll/{page}': 'enroll',
  'POST /enroll/{page}': 'enroll',
} as const satisfies { readonly [route: string]: FunctionName }

const THROTTLES = new Map<string, typeof CHAT_THROTTLE>([
  [CHAT_ROUTE, CHAT_THROTTLE],
  ['POST /enroll/{page}', CONFIRM_THROTTLE],
])

/** Only ids and times, because body, headers and query of a request contain signatures and text of people. */
const LOG_FORMAT = JSON.stringify({
  requestId: '$context.requestId',
  time: '$context.requestTime',
  route: '$context.routeKey',
  status: '$context.status',
  latencyMs: '$context.responseLatency',
  error: '$context.error.message',
})

/** What the address of the bot answers. */
export function routes(
  scope: Construct,
  functions: { readonly [name in FunctionName]: LambdaFunction },
  { apiId, origin, domainName }: Endpoint,
  { logRetentionDays }: DeploySettings,
): CfnStage {
  const { partition, region, account } = Stack.of(scope)
  const integrations = Object.fromEntries(
    [...new Set(Object.values(ROUTES))].map(name => {
      const lambda = functions[name]
      lambda.addPermission('FromEndpoint', {
        principal: new ServicePrincipal('apigateway.amazonaws.com'),
        sourceArn: `arn:${partition}:execute-api:${region}:${account}:${apiId}/*/*`,
      })
      const integration = new CfnIntegration(scope, `Endpoint-${name}`, {
        ...{ apiId, integrationType: 'AWS_PROXY', payloadFormatVersion: '2.0', integrationUri: lambda.functionArn },
      })
      return [name, integration]
    }),
  )
  const all = Object.entries(ROUTES).map(([routeKey, name]) => {
    const id = `Route-${routeKey.replaceAll(/[^A-Za-z]+/g, '-').replace(/-$/, '')}`
    const route = new CfnRoute(scope, id, {
      ...{ apiId, routeKey, authorizationType: 'NONE', target: `integrations/${integrations[name]?.ref}` },
    })
    acknowledge(
      route,
      'AwsSolutions-APIG4',
      `${CHAT_NAME} signs each request with the signing secret; the pages show what the card says, and take nothing but the signature of an enrolled passkey.`,
    )
    return route
  })
  const logs = new LogGroup(scope, 'Logs-slack', {
    logGroupName: `/aws/vendedlogs/${PREFIX}-slack`,
    retention: logRetentionDays,
    removalPolicy: RemovalPolicy.DESTROY,
  })
  const stage = new CfnStage(scope, 'EndpointStage', {
    ...{ apiId, stageName: '$default', autoDeploy: true, defaultRouteSettings: THROTTLE },
    accessLogSettings: { destinationArn: logs.logGroupArn, format: LOG_FORMAT },
    // In CloudFormation's own spelling: it is JSON.
    routeSettings: Object.fromEntries(
      Object.keys(ROUTES).map(route => [route, spelled(THROTTLES.get(route) ?? PAGE_THROTTLE)]),
    ),
  })
  for (const route of all) stage.addResourceDependency(route)
  if (domainName !== null) new CfnApiMapping(scope, 'EndpointMapping', { apiId, domainName, stage: stage.ref })
  new CfnOutput(scope, CHAT_URL_OUTPUT, { value: `${origin}${CHAT_PATH}` })
  return stage
}

const spelled = ({ throttlingRateLimit, throttlingBurstLimit }: typeof CHAT_THROTTLE) => ({
  ThrottlingRateLimit: throttlingRateLimit,
  ThrottlingBurstLimit: throttlingBurstLimit,
})
