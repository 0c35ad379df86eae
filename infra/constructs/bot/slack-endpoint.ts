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
 * Far above what people click, so that a sender of anything else takes long to use it up, and below what the concurrency of `decide`
 * turns away: what has not Slack's form costs it about a millisecond, and reads no secret.
 */
const ROUTE_THROTTLE = { ThrottlingRateLimit: 200, ThrottlingBurstLimit: 400 }
/** Of every other route: there is none. */
const THROTTLE = { rateLimit: 1, burstLimit: 1 }

/** Ids and times; a request's body, headers and query hold signatures and what people wrote. */
const LOG_FORMAT = JSON.stringify({
  requestId: '$context.requestId',
  time: '$context.requestTime',
  route: '$context.routeKey',
  status: '$context.status',
  latencyMs: '$context.responseLatency',
  error: '$context.error.message',
})

/** The one address that Slack calls. */
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
