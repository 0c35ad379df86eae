import { ACTIONS, type DenialEventRule } from '../../actions/index.ts'
import { DENIAL_ERROR_CODES } from '../parse-denial.ts'
import { roleOperationsOf } from '../passed-service/passed-service.ts'

/**
 * The EventBridge rules that deliver denials, by name. The stacks deploy them and `rolemedic patterns` prints them. Only AWS
 * can send events whose source starts with `aws.`, so nobody can inject a forged denial. Rules must be in state
 * ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS, because STS calls are read-only events.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
 */
export type EventPattern = {
  readonly source: readonly unknown[]
  readonly 'detail-type': readonly ['AWS API Call via CloudTrail']
  readonly detail: { readonly errorCode: readonly string[]; readonly [field: string]: readonly unknown[] }
}

const denied = (
  source: readonly unknown[],
  detail: { readonly [field: string]: readonly unknown[] },
): EventPattern => ({
  source,
  'detail-type': ['AWS API Call via CloudTrail'],
  detail: { errorCode: DENIAL_ERROR_CODES, ...detail },
})

const ANY_SERVICE = [{ prefix: 'aws.' }]
const withText = (...texts: readonly string[]) => ({ errorMessage: texts.map(text => ({ wildcard: `*${text}*` })) })

const deliveredBy = (rule: DenialEventRule) => ACTIONS.filter(({ record }) => record.rules.includes(rule))

/**
 * Matches messages that name an action of the rule or contain one of `others`. A name that starts with another name needs no
 * pattern of its own.
 */
function namingActionsOf(rule: DenialEventRule, ...others: readonly string[]) {
  const texts = deliveredBy(rule).map(({ name }) => ` ${name}`)
  const shortest = texts.filter(text => !texts.some(other => other !== text && text.startsWith(other)))
  return withText(...shortest, ...others)
}

const operationsOf = (rule: DenialEventRule) => [
  ...new Set(deliveredBy(rule).flatMap(({ record }) => record.operations)),
]

export const EVENT_PATTERNS = {
  /**
   * A PassRole denial is an event of the call that passes the role, from any service. One rule covers every text, because a bus
   * has a fixed limit of 30 rules with wildcards. Each text has a wildcard at both ends and none inside, because EventBridge
   * refuses patterns that are too complex.
   * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
   * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
   */
  'by-message': denied(ANY_SERVICE, namingActionsOf('by-message', 'ross-account pass role is not allowed')),
  /**
   * Matches by operation, because the message may name no action. Includes the permission-only actions, such as sts:TagSession,
   * which have no event of their own. `by-message` delivers messages that name one of its actions.
   */
  'assume-role': denied(['aws.sts', 'aws.iam'], {
    eventSource: ['sts.amazonaws.com', 'iam.amazonaws.com'],
    eventName: operationsOf('assume-role'),
    errorMessage: [
      ...deliveredBy('assume-role').flatMap(({ name, record }) =>
        record.rules.includes('by-message') ? [{ 'anything-but': { wildcard: `* ${name}*` } }] : [],
      ),
      { exists: false },
    ],
  }),
  /**
   * A service that assumes a role on behalf of a principal: Roles Anywhere. CodeBuild's refusal has the code InvalidInputException, and
   * denies the service, not the caller.
   * https://docs.aws.amazon.com/codebuild/latest/userguide/troubleshooting.html
   */
  'assume-role-elsewhere': denied(ANY_SERVICE, {
    eventSource: [{ 'anything-but': ['sts.amazonaws.com'] }],
    ...namingActionsOf('assume-role-elsewhere'),
  }),
  /** EC2's older form, where only the encoded message names the action. */
  'ec2-encoded': denied(['aws.ec2'], {
    eventSource: ['ec2.amazonaws.com'],
    eventName: roleOperationsOf('ec2'),
    ...withText('You are not authorized to perform this operation. Encoded'),
  }),
} as const satisfies { readonly [rule in DenialEventRule]: EventPattern }
