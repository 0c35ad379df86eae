/** A host of the deployment's own, as parameters. */
import { CfnCondition, type CfnOutput, Fn, type Stack } from 'aws-cdk-lib'
import { type CfnApi, CfnApiMapping, type CfnStage } from 'aws-cdk-lib/aws-apigatewayv2'
import { API_ID, type Endpoint, ownDomain } from '../constructs/state/endpoint.ts'
import type { State } from '../stacks/state.ts'
import { addParameters, given } from './parameters.ts'

const HAS_DOMAIN = 'HasEndpointDomain'

function hasDomain(stack: Stack): CfnCondition {
  addParameters(stack, ['EndpointDomain'])
  const isNone = Fn.conditionEquals(given('EndpointDomain'), '')
  return new CfnCondition(stack, HAS_DOMAIN, { expression: Fn.conditionNot(isNone) })
}

/** Of the stack that is retained. */
export function endpointChosen({ stack, endpoint }: State): Endpoint {
  const condition = hasDomain(stack)
  addParameters(stack, ['EndpointCertificateArn'])
  const own = { domainName: given('EndpointDomain'), certificateArn: given('EndpointCertificateArn') }
  const domain = ownDomain(stack, own)
  domain.cfnOptions.condition = condition
  // The linter tries the empty default of the ARN, under which this resource is not made.
  domain.addMetadata('cfn-lint', { config: { ignore_checks: ['W1030'] } })
  const target = stack.node.findChild('EndpointTarget') as CfnOutput
  target.condition = condition
  const api = stack.node.findChild(API_ID) as CfnApi
  api.disableExecuteApiEndpoint = Fn.conditionIf(HAS_DOMAIN, true, false)
  const origin = Fn.conditionIf(HAS_DOMAIN, `https://${given('EndpointDomain')}`, endpoint.origin).toString()
  return { ...endpoint, origin }
}

/** Of the stack of the bot, which takes what `endpointChosen` gives. */
export function endpointMapped(stack: Stack, apiId: string): void {
  const condition = hasDomain(stack)
  const stage = stack.node.findChild('EndpointStage') as CfnStage
  const made = new CfnApiMapping(stack, 'EndpointMapping', {
    apiId,
    domainName: given('EndpointDomain'),
    stage: stage.ref,
  })
  made.cfnOptions.condition = condition
}
