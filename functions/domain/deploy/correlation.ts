/** Which denial caused which deploy to fail, and how certain that is. */

import { MINUTE_MS } from '../../../core/base/index.ts'
import { type Denial, requestKeyOf } from '../../../core/denial/index.ts'
import { parseRoleArn } from '../../../core/iam/index.ts'
import type { Confidence, CorrelationKeys, FailedDeploy } from './deploy.ts'
import { isPrincipalRole } from './deploy-denials.ts'
import { hearsayOf, toolOf } from './tools/tools.ts'

/** The clocks of services differ, and a deploy tool may report a failure before the denial's timestamp. */
const SKEW_MS = 2 * MINUTE_MS

/** Null: nothing links the denial to the deploy. */
export function confidenceOf(denial: Denial, deploy: FailedDeploy, keys: CorrelationKeys): Confidence | null {
  if (denial.accountId !== deploy.accountId || denial.region !== deploy.region) return null
  const { timeMs } = denial
  if (timeMs === null || timeMs < keys.fromMs - SKEW_MS || timeMs > keys.untilMs + SKEW_MS) return null
  const stack = toolOf(deploy).stackOf(deploy)
  if (stack !== null && denial.stack !== undefined && !isOfStack(denial.stack, stack)) return null
  const request = requestKeyOf(denial)
  if (keys.requests.includes(request) && hearsayOf(deploy) === null) return 'caused by'
  // The author of a log or an event can repeat the denial of anybody.
  if ([...keys.requests, ...(keys.repeated ?? [])].includes(request)) return 'probably'
  if (stack !== null && denial.via !== null && denial.stack !== undefined && !keys.explained) return 'probably'
  return !keys.explained && (isActor(denial, deploy, keys) || isOwnRole(denial, keys)) ? 'probably' : null
}

/**
 * The form of a nested stack's name, `<stack>-<logical id>-<random>`, as opposed to names such as `<stack>-api`.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-stack.html
 */
const NESTED = /-[A-Za-z0-9]+-(?:[A-Z0-9]{8,}|[a-z0-9]{12})$/
/** A word, which is not random. */
const WORD = /-[a-z]{12}$/

/** The name of a nested stack begins with the name of its parent. */
const isOfStack = (name: string, stack: string): boolean =>
  name === stack || (name.startsWith(`${stack}-`) && NESTED.test(name.slice(stack.length)) && !WORD.test(name))

function isActor({ principal, via }: Denial, deploy: FailedDeploy, keys: CorrelationKeys): boolean {
  if (principal.sessionName !== null && keys.sessions.includes(principal.sessionName)) return true
  if (keys.roles.some(arn => isPrincipalRole(arn, principal))) return true
  if (keys.via === null) return false
  const acts = via === keys.via || (principal.kind === 'service' && principal.name === keys.via)
  return acts || (toolOf(deploy).stackOf(deploy) !== null && isCdkRole(principal, deploy))
}

/**
 * The roles of a CDK bootstrap that deploy stacks.
 * https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-env.html
 */
function isCdkRole({ name }: Denial['principal'], { accountId, region }: FailedDeploy): boolean {
  if (name === null || !name.startsWith('cdk-')) return false
  return ['cfn-exec', 'deploy'].some(kind => name.endsWith(`-${kind}-role-${accountId}-${region}`))
}

function isOwnRole({ resource, accountId }: Denial, { ownRoles }: CorrelationKeys): boolean {
  const role = resource === null ? null : parseRoleArn(resource)
  return role !== null && role.accountId === accountId && ownRoles.includes(role.name)
}
