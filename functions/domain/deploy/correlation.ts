/** Which denial broke which deploy, and how surely. */

import type { Denial } from '../denial/denial.ts'
import { requestKeyOf } from '../denial/fingerprint.ts'
import { parseRoleArn } from '../iam/arn.ts'
import type { Confidence, DeployTraces, FailedDeploy } from './deploy.ts'
import { isRole } from './deploy-denials.ts'
import { toolOf } from './tools/tools.ts'

/** Clocks of services differ, and a deploy tool may tell before the denial is stamped. */
const SKEW_MS = 2 * 60_000

/** Null: nothing ties the denial to the deploy. */
export function confidenceOf(denial: Denial, deploy: FailedDeploy, traces: DeployTraces): Confidence | null {
  if (denial.accountId !== deploy.accountId || denial.region !== deploy.region) return null
  const { timeMs } = denial
  if (timeMs === null || timeMs < traces.fromMs - SKEW_MS || timeMs > traces.untilMs + SKEW_MS) return null
  const stack = toolOf(deploy).stackOf(deploy)
  if (stack !== null && denial.stack !== undefined && !isOfStack(denial.stack, stack)) return null
  if (traces.said.includes(requestKeyOf(denial))) return 'caused by'
  if (stack !== null && denial.via !== null && denial.stack !== undefined && !traces.otherwise) return 'probably'
  return !traces.otherwise && (isActor(denial, deploy, traces) || isOwnRole(denial, traces)) ? 'probably' : null
}

/** `<stack>-<logical id>-<random>`, where others are `<stack>-api`. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-stack.html */
const NESTED = /-[A-Za-z0-9]+-(?:[A-Z0-9]{8,}|(?=[a-z]*\d)[a-z0-9]{12})$/

/** A nested stack is named after the one that it belongs to. */
const isOfStack = (name: string, stack: string): boolean =>
  name === stack || (name.startsWith(`${stack}-`) && NESTED.test(name.slice(stack.length)))

function isActor({ principal, via }: Denial, deploy: FailedDeploy, traces: DeployTraces): boolean {
  if (principal.sessionName !== null && traces.sessions.includes(principal.sessionName)) return true
  if (traces.roles.some(arn => isRole(arn, principal))) return true
  if (traces.via === null) return false
  const acts = via === traces.via || (principal.kind === 'service' && principal.name === traces.via)
  return acts || (toolOf(deploy).stackOf(deploy) !== null && isCdkRole(principal, deploy))
}

/** The roles of a CDK bootstrap that deploy stacks. https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-env.html */
function isCdkRole({ name }: Denial['principal'], { accountId, region }: FailedDeploy): boolean {
  if (name === null || !name.startsWith('cdk-')) return false
  return ['cfn-exec', 'deploy'].some(kind => name.endsWith(`-${kind}-role-${accountId}-${region}`))
}

function isOwnRole({ resource, accountId }: Denial, { ownRoles }: DeployTraces): boolean {
  const role = resource === null ? null : parseRoleArn(resource)
  return role !== null && role.accountId === accountId && ownRoles.includes(role.name)
}
