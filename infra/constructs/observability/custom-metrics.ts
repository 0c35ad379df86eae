/** What the functions count themselves, and from how many on somebody has to look. */
import { Duration } from 'aws-cdk-lib'
import { Metric } from 'aws-cdk-lib/aws-cloudwatch'
import type { FunctionName } from '../../bundle.ts'
import { METRICS, nameOf } from '../../names.ts'
import type { Watch } from './alarm.ts'

type OwnWatch = Omit<Watch, 'metric'> & {
  readonly metric: string
  /** Each function that counts it. */
  readonly by: readonly FunctionName[]
  readonly minutes?: number
}

/** Powertools tells each metric by the function that wrote it. */
export function counted(metricName: string, service: FunctionName, minutes = 5): Metric {
  return new Metric({
    namespace: METRICS,
    metricName,
    dimensionsMap: { service },
    period: Duration.minutes(minutes),
    statistic: 'Sum',
  })
}

/** One alarm for each function that counts: named by it where there are several. */
export function ownWatches(): readonly Watch[] {
  return OWN.flatMap(({ metric, by, minutes, id, says, ...watch }) =>
    by.map(name => ({
      ...watch,
      says: `${says} Its log: /aws/lambda/${nameOf(name)}.`,
      id: by.length === 1 ? id : `${id}-${name}`,
      metric: counted(metric, name, minutes),
    })),
  )
}

/** Whoever writes to the audit log. */
export const AUDIT_WRITERS = ['propose', 'decide', 'apply', 'sweep'] as const

const OWN: readonly OwnWatch[] = [
  {
    id: 'audit-broken',
    runbook: 'audit-broken',
    says: 'The audit log is not the chain that it should be. Nothing is changed until that is understood.',
    metric: 'AuditBroken',
    by: AUDIT_WRITERS,
  },
  {
    id: 'audit-unwritten',
    runbook: 'audit-not-written',
    says: 'Records cannot be added to the audit log. Nothing is changed without its record.',
    metric: 'AuditUnwritten',
    by: AUDIT_WRITERS,
    // One is repeated within minutes, by the function or by the sweep.
    atLeast: 2,
  },
  {
    id: 'apply-failed',
    runbook: 'apply-failed',
    says: 'An approved change was not made.',
    metric: 'ApplyFailed',
    by: ['apply'],
  },
  {
    id: 'revert-failed',
    runbook: 'revert-failed',
    says: 'A change could not be undone: what it opened is still open.',
    metric: 'RevertFailed',
    by: ['apply'],
  },
  {
    id: 'refusals',
    runbook: 'refused-by-a-guardrail',
    says: 'Unusually many denials in an hour got no patch: a guardrail that is too strict, a layer that changed, or somebody trying doors.',
    metric: 'Refusals',
    by: ['propose'],
    atLeast: 20,
    minutes: 60,
  },
  {
    id: 'own-denial',
    runbook: 'own-denial',
    says: 'A role of the bot was denied. It never proposes rights for itself.',
    metric: 'OwnDenials',
    by: ['intake', 'alert'],
  },
  {
    id: 'unreadable',
    runbook: 'unreadable',
    says: 'Messages that match a rule cannot be understood.',
    metric: 'Unreadable',
    by: ['intake', 'alert'],
    atLeast: 5,
  },
  {
    id: 'unreadable-work',
    runbook: 'unreadable',
    says: 'A message in a queue of the bot asks for nothing that the bot does: who else may send to it?',
    metric: 'Unreadable',
    by: ['propose', 'apply'],
  },
  {
    id: 'encoded-messages-unread',
    runbook: 'what-the-reader-role-may-not-read',
    says: 'Denials of EC2 are lost, as their messages cannot be decoded.',
    metric: 'EncodedMessagesUnread',
    by: ['intake'],
    atLeast: 3,
  },
  {
    id: 'deploys-unread',
    runbook: 'what-the-reader-role-may-not-read',
    says: 'Failed deploys cannot be read: no alert says which denial broke them.',
    metric: 'DeploysUnread',
    by: ['alert'],
    atLeast: 3,
  },
  {
    id: 'cards-delayed',
    runbook: 'slack-failures',
    says: 'Slack does not take cards: nobody sees new denials there.',
    metric: 'CardsDelayed',
    by: ['propose'],
    periods: 2,
  },
  {
    id: 'alerts-delayed',
    runbook: 'slack-failures',
    says: 'Slack does not take alerts of failed deploys.',
    metric: 'AlertsDelayed',
    by: ['propose', 'alert'],
    periods: 2,
  },
  {
    id: 'clicks-failed',
    runbook: 'clicks-that-fail',
    says: 'Clicks in Slack are not answered.',
    metric: 'FailedRequests',
    by: ['decide'],
  },
  {
    id: 'clicks-late',
    runbook: 'clicks-that-are-late',
    says: 'Clicks in Slack are answered too late: people see an error. What was decided before that is carried out all the same.',
    metric: 'LateRequests',
    by: ['decide'],
    atLeast: 3,
  },
  {
    id: 'foreign-requests',
    runbook: 'foreign-requests',
    says: 'Slack sends clicks of another workspace or app than the settings name: they are refused.',
    metric: 'ForeignRequests',
    by: ['decide'],
    atLeast: 3,
  },
  {
    id: 'unverified-requests',
    runbook: 'unverified-requests',
    says: 'Requests without a valid signature of Slack: a rotated secret, or somebody knocking.',
    metric: 'UnverifiedRequests',
    by: ['decide'],
    atLeast: 20,
  },
  {
    id: 'notices-failed',
    runbook: 'notices-failed',
    says: 'The alert topic does not take notices.',
    metric: 'NoticesFailed',
    by: ['propose', 'alert'],
  },
  {
    id: 'sweep-failures',
    runbook: 'sweep-failures',
    says: 'The sweep cannot finish what is due.',
    metric: 'SweepFailures',
    by: ['sweep'],
    periods: 3,
  },
]
