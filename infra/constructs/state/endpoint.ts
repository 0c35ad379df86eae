/** The address of the bot. Passkeys belong to its host, so it outlives the bot: another API id would lose all of them. */
import { CfnOutput, Stack } from 'aws-cdk-lib'
import { CfnApi, CfnDomainName } from 'aws-cdk-lib/aws-apigatewayv2'
import type { Construct } from 'constructs'
import { PREFIX } from '../../names.ts'
import type { DeploySettings } from '../../settings.ts'
import { RETAIN } from './removal-policy.ts'

export type Endpoint = {
  readonly apiId: string
  /** `https://<host>`: the host, in full, is the relying party of every passkey. */
  readonly origin: string
  /** Of the deployment's own. Null: API Gateway gives the host. */
  readonly domainName: string | null
}

/** In the template. */
export const API_ID = 'Endpoint'
export const DOMAIN_ID = 'EndpointDomainName'

export function endpoint(scope: Construct, { endpoint: own }: Pick<DeploySettings, 'endpoint'>): Endpoint {
  const stack = Stack.of(scope)
  const api = new CfnApi(scope, API_ID, {
    name: PREFIX,
    protocolType: 'HTTP',
    // Another host would be another relying party.
    disableExecuteApiEndpoint: own !== null,
  })
  api.applyRemovalPolicy(RETAIN)
  const apiId = stack.exportValue(api.attrApiId)
  const given = stack.exportValue(api.attrApiEndpoint)
  if (own === null) return { apiId, origin: given, domainName: null }
  ownDomain(scope, own)
  return { apiId, origin: `https://${own.domainName}`, domainName: own.domainName }
}

/** Its DNS record is made by the people who have the zone. */
export function ownDomain(scope: Construct, own: NonNullable<DeploySettings['endpoint']>): CfnDomainName {
  const domain = new CfnDomainName(scope, DOMAIN_ID, {
    domainName: own.domainName,
    domainNameConfigurations: [
      { certificateArn: own.certificateArn, endpointType: 'REGIONAL', securityPolicy: 'TLS_1_2' },
    ],
  })
  new CfnOutput(scope, 'EndpointTarget', {
    value: domain.attrRegionalDomainName,
    description: 'What the DNS record of the endpoint names.',
  })
  return domain
}
