import { prefixNamed } from '../../service-actions/index.ts'
import { serviceOfSdk } from '../passed-service/service-of-sdk.ts'

/**
 * The prefix of the actions of some services differs from the name of their events. The service of CodeDeploy's agent has no actions,
 * and is named as its endpoint: https://github.com/aws/aws-codedeploy-agent, vendor/gems/codedeploy-commands-1.0.0
 */
const PREFIXES: { readonly [source: string]: string } = {
  monitoring: 'cloudwatch',
  email: 'ses',
  elasticloadbalancingv2: 'elasticloadbalancing',
  codedeploycommand: 'codedeploy-commands',
}

/** The prefix of a service by the name that an SDK or a tool uses. Null: it is no name of one. */
export function prefixOfSdk(name: string): string | null {
  const source = serviceOfSdk(name.trim())
  if (!/^[a-z0-9-]{2,60}$/.test(source)) return null
  return (Object.hasOwn(PREFIXES, source) ? PREFIXES[source] : null) ?? prefixNamed(source)
}
