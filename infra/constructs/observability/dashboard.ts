/** One page for the on-call engineer: work in progress, decisions, failures. */
import { Aws, Duration } from 'aws-cdk-lib'
import {
  type Alarm,
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IMetric,
  LogQueryVisualizationType,
  LogQueryWidget,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch'
import type { Construct } from 'constructs'
import { CHAT_NAME } from '../../../functions/domain/config/index.ts'
import { CONSUMERS } from '../../capacity.ts'
import { PREFIX } from '../../names.ts'
import type { Monitored } from './alarms.ts'
import { AUDIT_WRITERS, countMetric, TABLE_READERS } from './custom-metrics.ts'

const HALF = 12
const BY_DENIALS = ['intake', 'alert'] as const
const over = { period: Duration.minutes(5), statistic: 'Sum' }

export function dashboard(scope: Construct, monitored: Monitored, alarms: readonly Alarm[]): Dashboard {
  const { settings, state, queues, functions } = monitored
  const lambdas = Object.values(functions)
  const page = new Dashboard(scope, 'Dashboard', {
    dashboardName: `${PREFIX}-${Aws.REGION}`,
    defaultInterval: Duration.hours(12),
  })
  const runbooks = settings.runbook === null ? 'Runbooks: `docs/runbooks.md`' : `[Runbooks](${settings.runbook})`
  page.addWidgets(new TextWidget({ markdown: `# rolemedic\n${runbooks}`, width: 2 * HALF, height: 2 }))
  page.addWidgets(new AlarmStatusWidget({ title: 'Alarms', alarms: [...alarms], width: 2 * HALF }))
  page.addWidgets(
    graph('From denial to card', [
      countMetric('Denials', 'intake'),
      countMetric('Proposals', 'propose'),
      countMetric('Observed', 'propose'),
      countMetric('AlreadyAllowed', 'propose'),
      countMetric('SolvedThemselves', 'propose'),
      countMetric('Refusals', 'propose'),
      countMetric('EncodedMessagesUnread', 'intake'),
    ]),
    graph('From click to change', [
      countMetric('Decisions', 'decide'),
      countMetric('Applied', 'verify'),
      countMetric('AfterGrantDenied', 'propose'),
      countMetric('Stale', 'verify'),
      countMetric('ApplyFailed', 'verify'),
      countMetric('Reverted', 'verify'),
      countMetric('RevertFailed', 'verify'),
      countMetric('PullsOpened', 'publish'),
      countMetric('PullsFailed', 'publish'),
    ]),
  )
  page.addWidgets(
    graph(
      'Age of the oldest message (seconds)',
      Object.values(queues).map(queue => queue.metricApproximateAgeOfOldestMessage({ statistic: 'Maximum' })),
    ),
    graph(
      'Dead letters',
      Object.values(state.dead).map(queue => queue.metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum' })),
    ),
  )
  page.addWidgets(
    graph(
      'Errors',
      lambdas.map(lambda => lambda.metricErrors(over)),
    ),
    graph(
      'Throttles',
      lambdas.map(lambda => lambda.metricThrottles(over)),
    ),
  )
  page.addWidgets(
    graph(CHAT_NAME, [
      countMetric('CardsDelayed', 'propose'),
      countMetric('ChatNotReached', 'sweep'),
      countMetric('AlertsDelayed', 'propose'),
      countMetric('UnverifiedRequests', 'decide'),
      countMetric('ForeignRequests', 'decide'),
      countMetric('Forged', 'decide'),
      countMetric('Forged', 'verify'),
      countMetric('Forged', 'publish'),
      countMetric('Forged', 'enroll'),
      countMetric('Unwitnessed', 'verify'),
      countMetric('WriteUnwitnessed', 'verify'),
      countMetric('LateRequests', 'decide'),
      countMetric('FailedRequests', 'decide'),
      countMetric('FailedRequests', 'enroll'),
    ]),
    graph('The bot itself', [
      ...BY_DENIALS.map(name => countMetric('OwnDenials', name)),
      ...[...new Set(Object.values(CONSUMERS).map(({ by }) => by))].map(name => countMetric('Unreadable', name)),
      countMetric('ConfigUnread', 'sweep'),
      ...TABLE_READERS.map(name => countMetric('ItemsSetAside', name)),
      countMetric('WorkSentAgain', 'sweep'),
      countMetric('SweepFailures', 'sweep'),
      countMetric('SilentMembers', 'sweep'),
      functions.sweep.metricInvocations(over),
      functions.verify.metricInvocations(over),
    ]),
  )
  page.addWidgets(
    graph('Failed deploys', [
      countMetric('DeploysFailed', 'alert'),
      countMetric('DeploysExplained', 'propose'),
      countMetric('DeploysUnread', 'alert'),
    ]),
    graph('Audit log and notices', [
      ...AUDIT_WRITERS.flatMap(name =>
        ['AuditBroken', 'AuditUnread', 'AuditUnwritten', 'AuditForeign', 'AuditConflict'].map(metric =>
          countMetric(metric, name),
        ),
      ),
      countMetric('Checkpoints', 'verify'),
      countMetric('SpentForeign', 'verify'),
      countMetric('Forged', 'write'),
      countMetric('OutcomeForeign', 'verify'),
      countMetric('NoticesFailed', 'propose'),
    ]),
  )
  page.addWidgets(
    graph('Refusals in an hour', [countMetric('Refusals', 'propose', 60)]),
    new LogQueryWidget({
      title: 'Refusals, by the guardrail that refuses',
      logGroupNames: [functions.propose.logGroup.logGroupName],
      view: LogQueryVisualizationType.TABLE,
      queryLines: ['filter message = "proposal_refused"', 'stats count(*) as refusals by code', 'sort refusals desc'],
      width: HALF,
    }),
  )
  return page
}

function graph(title: string, left: readonly IMetric[]): GraphWidget {
  return new GraphWidget({ title, left: [...left], width: HALF })
}
