/** An alarm and its runbook section. */
import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch'
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions'
import type { ITopic } from 'aws-cdk-lib/aws-sns'
import type { Construct } from 'constructs'
import { PREFIX } from '../../names.ts'
import type { DeploySettings } from '../../settings.ts'

export type AlarmDefinition = {
  readonly id: string
  /** The section of `docs/runbooks.md`, in the form of its link. */
  readonly runbook: string
  readonly description: string
  readonly metric: IMetric
  readonly atLeast?: number
  readonly below?: number
  readonly periods?: number
}

const RUNBOOKS = 'docs/runbooks.md'

/** If the settings have no URL, the path in the repository. */
const runbookAt = ({ runbook }: Pick<DeploySettings, 'runbook'>, section: string): string =>
  runbook === null ? `Runbook: ${RUNBOOKS}#${section}` : `${runbook}#${section}`

export type AlarmProps = {
  readonly settings: Pick<DeploySettings, 'runbook'>
  /** Null: the alarm is only visible in its account and notifies nobody. */
  readonly topic: ITopic | null
}

export function alarmOf(scope: Construct, definition: AlarmDefinition, { settings, topic }: AlarmProps): Alarm {
  const { id, runbook, description, metric, atLeast, below, periods = 1 } = definition
  const alarm = new Alarm(scope, `Alarm-${id}`, {
    alarmName: `${PREFIX}-${id}`,
    alarmDescription: `${description} ${runbookAt(settings, runbook)}`,
    metric,
    threshold: below ?? atLeast ?? 1,
    comparisonOperator:
      below === undefined
        ? ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD
        : ComparisonOperator.LESS_THAN_THRESHOLD,
    evaluationPeriods: periods,
    // Missing data is good, except for a metric that must report at intervals.
    treatMissingData: below === undefined ? TreatMissingData.NOT_BREACHING : TreatMissingData.BREACHING,
  })
  if (topic === null) return alarm
  const action = new SnsAction(topic)
  alarm.addAlarmAction(action)
  alarm.addOkAction(action)
  return alarm
}
