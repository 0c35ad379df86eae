/** Alarms on the metrics that the functions emit. */
import { Duration } from 'aws-cdk-lib'
import { Metric } from 'aws-cdk-lib/aws-cloudwatch'
import { CHAT_NAME } from '../../../functions/domain/config/index.ts'
import { FUNCTIONS, type FunctionName } from '../../functions.ts'
import { METRICS, nameOf } from '../../names.ts'
import type { AlarmDefinition } from './alarm.ts'

type CustomMetricAlarm = Omit<AlarmDefinition, 'metric'> & {
  readonly metric: string
  /** Each function that emits it. */
  readonly by: readonly FunctionName[]
  readonly minutes?: number
}

/** Powertools adds the function's name as the dimension `service`. */
export function countMetric(metricName: string, service: FunctionName, minutes = 5): Metric {
  return new Metric({
    namespace: METRICS,
    metricName,
    dimensionsMap: { service },
    period: Duration.minutes(minutes),
    statistic: 'Sum',
  })
}

/** One alarm per function that emits the metric. If there are several, the id contains the function's name. */
export function customMetricAlarms(): readonly AlarmDefinition[] {
  return CUSTOM_METRICS.flatMap(({ metric, by, minutes, id, description, ...definition }) =>
    by.map(name => ({
      ...definition,
      description: `${description} Its log: /aws/lambda/${nameOf(name)}.`,
      id: by.length === 1 ? id : `${id}-${name}`,
      metric: countMetric(metric, name, minutes),
    })),
  )
}

/** The functions that write to the audit log. */
export const AUDIT_WRITERS = ['propose', 'decide', 'verify', 'sweep'] as const

/** Those that read items of the table. */
export const TABLE_READERS = FUNCTIONS.filter(name => name !== 'write' && name !== 'enroll')

const CUSTOM_METRICS: readonly CustomMetricAlarm[] = [
  {
    id: 'audit-broken',
    runbook: 'audit-broken',
    description: 'The hash chain of the audit log is broken. The bot changes nothing until that is resolved.',
    metric: 'AuditBroken',
    by: AUDIT_WRITERS,
  },
  {
    id: 'audit-unread',
    runbook: 'audit-not-written',
    description:
      'The audit log cannot be read: its key or its bucket refuses. That is no sign of a change; the bot changes nothing without a record.',
    metric: 'AuditUnread',
    by: AUDIT_WRITERS,
    atLeast: 2,
  },
  {
    id: 'audit-unwritten',
    runbook: 'audit-not-written',
    description: 'Records cannot be added to the audit log. The bot changes nothing without a record.',
    metric: 'AuditUnwritten',
    by: AUDIT_WRITERS,
    // A single failure is retried within minutes, by the function or the sweep.
    atLeast: 2,
  },
  {
    id: 'audit-foreign',
    runbook: 'audit-foreign',
    description: 'Somebody else stored an object among the records of the audit log. The log goes on without it.',
    metric: 'AuditForeign',
    by: AUDIT_WRITERS,
  },
  {
    id: 'audit-conflict',
    runbook: 'audit-conflict',
    description: 'A record cannot be added: another one has its key, and says something else or is not signed.',
    metric: 'AuditConflict',
    by: AUDIT_WRITERS,
  },
  {
    id: 'checkpoint-missing',
    runbook: 'checkpoint-missing',
    description: 'For more than a day, the end of the audit log was not signed and posted.',
    metric: 'Checkpoints',
    by: ['verify'],
    below: 1,
    minutes: 60,
    periods: 30,
  },
  {
    id: 'apply-failed',
    runbook: 'apply-failed',
    description: 'An approved change was not applied.',
    metric: 'ApplyFailed',
    by: ['verify'],
  },
  {
    id: 'revert-failed',
    runbook: 'revert-failed',
    description: 'A change could not be reverted, or has not ended in time: its access is still granted.',
    metric: 'RevertFailed',
    by: ['verify'],
    // Emitted every five minutes for what is over and stands.
    minutes: 15,
  },
  {
    id: 'refusals',
    runbook: 'refused-by-a-guardrail',
    description:
      'Unusually many denials in an hour got no patch: a guardrail is too strict, a policy layer changed, or someone probes for access.',
    metric: 'Refusals',
    by: ['propose'],
    atLeast: 20,
    minutes: 60,
  },
  {
    id: 'own-denial',
    runbook: 'own-denial',
    description: 'A role of the bot was denied. The bot never proposes permissions for itself.',
    metric: 'OwnDenials',
    by: ['intake', 'alert'],
  },
  {
    id: 'unreadable',
    runbook: 'unreadable',
    description: 'Messages that match a rule cannot be parsed.',
    metric: 'Unreadable',
    by: ['intake', 'alert'],
    atLeast: 5,
  },
  {
    id: 'unreadable-work',
    runbook: 'unreadable',
    description:
      'A message in a queue of the bot is not work that the bot knows: check who else may send to the queue.',
    metric: 'Unreadable',
    by: ['propose', 'verify', 'write', 'publish'],
  },
  {
    id: 'encoded-messages-unread',
    runbook: 'what-the-reader-role-may-not-read',
    description: 'Denials of EC2 are lost: their messages cannot be decoded.',
    metric: 'EncodedMessagesUnread',
    by: ['intake'],
    atLeast: 3,
  },
  {
    id: 'deploys-unread',
    runbook: 'what-the-reader-role-may-not-read',
    description: 'Failed deploys cannot be read: no alert names the denial that broke them.',
    metric: 'DeploysUnread',
    by: ['alert'],
    atLeast: 3,
  },
  {
    id: 'cards-delayed',
    runbook: 'slack-failures',
    description: `${CHAT_NAME} rejects cards: nobody sees new denials there.`,
    metric: 'CardsDelayed',
    by: ['propose'],
    periods: 2,
  },
  {
    id: 'alerts-delayed',
    runbook: 'slack-failures',
    description: `${CHAT_NAME} rejects alerts of failed deploys.`,
    metric: 'AlertsDelayed',
    by: ['propose'],
    periods: 2,
  },
  {
    id: 'chat-not-reached',
    runbook: 'slack-failures',
    description: `${CHAT_NAME} does not take the token, or does not answer: nobody sees cards, digests or reminders.`,
    metric: 'ChatNotReached',
    by: ['sweep'],
    // Emitted every ten minutes.
    minutes: 30,
    atLeast: 2,
  },
  {
    id: 'config-unread',
    runbook: 'configuration-not-read',
    description:
      'The deployed configuration cannot be read. The functions go on with the last good one, under which nothing is granted.',
    metric: 'ConfigUnread',
    by: ['sweep'],
  },
  {
    id: 'clicks-failed',
    runbook: 'clicks-that-fail',
    description: `Clicks in ${CHAT_NAME} are not answered.`,
    metric: 'FailedRequests',
    by: ['decide'],
  },
  {
    id: 'passkeys-failed',
    runbook: 'clicks-that-fail',
    description: `The page where people confirm passkeys fails, or a change of a passkey is not announced in ${CHAT_NAME}.`,
    metric: 'FailedRequests',
    by: ['enroll'],
  },
  {
    id: 'clicks-late',
    runbook: 'clicks-that-are-late',
    description: `Clicks in ${CHAT_NAME} are answered too late, and people see an error. Decisions that were stored are still carried out.`,
    metric: 'LateRequests',
    by: ['decide'],
    atLeast: 3,
  },
  {
    id: 'foreign-requests',
    runbook: 'foreign-requests',
    description: `${CHAT_NAME} sends clicks from a workspace or app that the settings do not name. They are refused.`,
    metric: 'ForeignRequests',
    by: ['decide'],
    atLeast: 3,
  },
  {
    id: 'unverified-requests',
    runbook: 'unverified-requests',
    description: `Requests without a valid ${CHAT_NAME} signature: a rotated secret, or an attacker.`,
    metric: 'UnverifiedRequests',
    by: ['decide'],
    atLeast: 20,
  },
  {
    id: 'notices-failed',
    runbook: 'notices-failed',
    description: 'The alert topic rejects notices.',
    metric: 'NoticesFailed',
    by: ['propose'],
  },
  {
    id: 'forged',
    runbook: 'forged',
    description:
      'An item of the table, or an order, claims a decision that nobody signed, or an object says since when somebody is an approver, or whose passkey it is. Nothing was done with it.',
    metric: 'Forged',
    by: ['decide', 'verify', 'publish', 'enroll'],
  },
  {
    id: 'unwitnessed',
    runbook: 'unwitnessed',
    description: 'CloudTrail does not know a denial for which a change was approved. Nothing was written.',
    metric: 'Unwitnessed',
    by: ['verify'],
  },
  {
    id: 'write-unwitnessed',
    runbook: 'unwitnessed',
    description: 'CloudTrail does not know a denial, 20 minutes after a change of low risk was written for it.',
    metric: 'WriteUnwitnessed',
    by: ['verify'],
  },
  {
    id: 'spent-foreign',
    runbook: 'foreign-objects',
    description: 'Somebody else stored or removed an object that says that a proposal was written. It is not written.',
    metric: 'SpentForeign',
    by: ['verify'],
  },
  {
    id: 'objects-forged',
    runbook: 'foreign-objects',
    description:
      'An object by which write knows what it has done is not its own. Nothing is written for that proposal.',
    metric: 'Forged',
    by: ['write'],
  },
  {
    id: 'outcome-foreign',
    runbook: 'foreign-objects',
    description: 'A message says that a change was written or ended, and the signed outcome does not.',
    metric: 'OutcomeForeign',
    by: ['verify'],
  },
  {
    id: 'items-set-aside',
    runbook: 'items-set-aside',
    description: 'An item of the table cannot be read. It is left as it is, and the others go on.',
    metric: 'ItemsSetAside',
    by: TABLE_READERS,
  },
  {
    id: 'silent-members',
    runbook: 'silent-members',
    description:
      'For more than an hour, an account or Region was not heard: denials there are not seen. The notice that came with this alarm names them.',
    metric: 'SilentMembers',
    by: ['sweep'],
    // Emitted every five minutes.
    minutes: 15,
  },
  {
    id: 'pulls-failed',
    runbook: 'pull-requests-that-fail',
    description: 'A Git host refuses a pull request: a key, a permission or the name of a repository is wrong.',
    metric: 'PullsFailed',
    by: ['publish'],
  },
  {
    id: 'sweep-failures',
    runbook: 'sweep-failures',
    description: 'The sweep cannot finish what is due.',
    metric: 'SweepFailures',
    by: ['sweep'],
    periods: 3,
  },
]
