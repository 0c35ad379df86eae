import { CfnOutput, RemovalPolicy } from 'aws-cdk-lib'
import { type CfnStage, HttpApi, HttpMethod, HttpStage } from 'aws-cdk-lib/aws-apigatewayv2'
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations'
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda'
import { LogGroup } from 'aws-cdk-lib/aws-logs'
import type { Construct } from 'constructs'
import { PREFIX } from '../../names.ts'
import type { DeploySettings } from '../../settings.ts'
import { acknowledge } from '../observability/acknowledge.ts'

const ROUTE = '/slack'
/**
 * Far above the rate of people's clicks, so that other senders need long to exhaust it, and below what the concurrency of
 * `decide` rejects: a request without Slack's form takes it about a millisecond and reads no secret.
 */
const ROUTE_THROTTLE = { ThrottlingRateLimit: 200, ThrottlingBurstLimit: 400 }
/** The throttle of all other routes, which do not exist. */
const THROTTLE = { rateLimit: 1, burstLimit: 1 }

/** Only ids and times, because body, headers and query of a request contain signatures and text of people. */
const LOG_FORMAT = JSON.stringify({
  requestId: '$context.requestId',
  time: '$context.requestTime',
  route: '$context.routeKey',
  status: '$context.status',
  latencyMs: '$context.responseLatency',
  error: '$context.error.message',
})

/** The one URL that Slack calls. */
export function slackApi(scope: Construct, decide: LambdaFunction, { logRetentionDays }: DeploySettings): HttpApi {
  const api = new HttpApi(scope, 'Slack', { apiName: `${PREFIX}-slack`, createDefaultStage: false })
  const routes = api.addRoutes({
    path: ROUTE,
    methods: [HttpMethod.POST],
    integration: new HttpLambdaIntegration('Decide', decide),
  })
  const stage = new HttpStage(scope, 'SlackStage', { httpApi: api, autoDeploy: true, throttle: THROTTLE })
  const logs = new LogGroup(scope, 'Logs-slack', {
    logGroupName: `/aws/vendedlogs/${PREFIX}-slack`,
    retention: logRetentionDays,
    removalPolicy: RemovalPolicy.DESTROY,
  })
  const { defaultChild } = stage.node
  const cfnStage = defaultChild as CfnStage
  cfnStage.accessLogSettings = { destinationArn: logs.logGroupArn, format: LOG_FORMAT }
  cfnStage.routeSettings = { [`POST ${ROUTE}`]: ROUTE_THROTTLE }
  for (const route of routes) {
    stage.node.addDependency(route)
    acknowledge(
      route,
      'AwsSolutions-APIG4',
      'Slack signs each request with the signing secret; decide checks signature and age before it reads anything else.',
    )
  }
  new CfnOutput(scope, 'SlackUrl', { value: `${api.apiEndpoint}${ROUTE}` })
  return api
}
