/** One page for the on-call engineer: is work flowing, what was decided, what fails. */
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
import { FUNCTIONS } from '../../bundle.ts'
import { PREFIX } from '../../names.ts'
import type { Monitored } from './alarms.ts'
import { AUDIT_WRITERS, counted } from './custom-metrics.ts'

const HALF = 12
const BY_DENIALS = ['intake', 'alert'] as const
const BY_QUEUE = ['intake', 'alert', 'propose', 'apply', 'publish'] as const
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
      counted('Denials', 'intake'),
      counted('Proposals', 'propose'),
      counted('Observed', 'propose'),
      counted('AlreadyAllowed', 'propose'),
      counted('Refusals', 'propose'),
      counted('EncodedMessagesUnread', 'intake'),
    ]),
    graph('From click to change', [
      counted('Decisions', 'decide'),
      counted('Applied', 'apply'),
      counted('AfterGrantDenied', 'propose'),
      counted('Stale', 'apply'),
      counted('ApplyFailed', 'apply'),
      counted('Reverted', 'apply'),
      counted('RevertFailed', 'apply'),
      counted('PullsOpened', 'publish'),
      counted('PullsFailed', 'publish'),
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
    graph('Slack', [
      counted('CardsDelayed', 'propose'),
      counted('AlertsDelayed', 'propose'),
      counted('UnverifiedRequests', 'decide'),
      counted('ForeignRequests', 'decide'),
      counted('Forged', 'decide'),
      counted('Forged', 'apply'),
      counted('Unwitnessed', 'apply'),
      counted('LateRequests', 'decide'),
      counted('FailedRequests', 'decide'),
    ]),
    graph('The bot itself', [
      ...BY_DENIALS.map(name => counted('OwnDenials', name)),
      ...BY_QUEUE.map(name => counted('Unreadable', name)),
      ...FUNCTIONS.map(name => counted('ItemsSetAside', name)),
      counted('WorkSentAgain', 'sweep'),
      counted('SweepFailures', 'sweep'),
      counted('SilentMembers', 'sweep'),
      functions.sweep.metricInvocations(over),
    ]),
  )
  page.addWidgets(
    graph('Failed deploys', [
      counted('DeploysFailed', 'alert'),
      counted('DeploysExplained', 'propose'),
      counted('DeploysUnread', 'alert'),
    ]),
    graph('Audit log and notices', [
      ...AUDIT_WRITERS.flatMap(name =>
        ['AuditBroken', 'AuditUnwritten', 'AuditForeign', 'AuditConflict'].map(metric => counted(metric, name)),
      ),
      counted('Checkpoints', 'apply'),
      counted('NoticesFailed', 'propose'),
    ]),
  )
  page.addWidgets(
    graph('Refusals in an hour', [counted('Refusals', 'propose', 60)]),
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
