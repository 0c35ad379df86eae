import { CfnOutput, RemovalPolicy } from 'aws-cdk-lib'
import { type CfnStage, HttpApi, HttpMethod, HttpStage } from 'aws-cdk-lib/aws-apigatewayv2'
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations'
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda'
import { LogGroup } from 'aws-cdk-lib/aws-logs'
import type { Construct } from 'constructs'
import { PREFIX } from '../../names.ts'
import type { Settings } from '../../settings.ts'
import { acknowledge } from '../observability/acknowledge.ts'

/** Far above what people click, far below what would hurt. */
const THROTTLE = { rateLimit: 20, burstLimit: 40 }

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
export function slackEndpoint(scope: Construct, decide: LambdaFunction, { logRetentionDays }: Settings): HttpApi {
  const api = new HttpApi(scope, 'Slack', { apiName: `${PREFIX}-slack`, createDefaultStage: false })
  const routes = api.addRoutes({
    path: '/slack',
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
  ;(defaultChild as CfnStage).accessLogSettings = { destinationArn: logs.logGroupArn, format: LOG_FORMAT }
  for (const route of routes)
    acknowledge(
      route,
      'AwsSolutions-APIG4',
      'Slack signs each request with the signing secret; decide checks signature and age before it reads anything else.',
    )
  new CfnOutput(scope, 'SlackUrl', { value: `${api.apiEndpoint}/slack` })
  return api
}
