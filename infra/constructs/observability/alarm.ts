/** What wakes somebody, and where that person reads what to do. */
import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch'
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions'
import type { ITopic } from 'aws-cdk-lib/aws-sns'
import type { Construct } from 'constructs'
import { PREFIX } from '../../names.ts'
import type { Settings } from '../../settings.ts'

export type Watch = {
  readonly id: string
  /** The section of `docs/runbooks.md`, as its link is written. */
  readonly runbook: string
  readonly says: string
  readonly metric: IMetric
  readonly atLeast?: number
  readonly below?: number
  /** Of how many periods all have to be so. */
  readonly periods?: number
}

const RUNBOOKS = 'docs/runbooks.md'

/** Without an address of their own, the runbooks are named by where they lie in the repository: that is no link, but true. */
const runbookAt = ({ runbook }: Pick<Settings, 'runbook'>, section: string): string =>
  runbook === null ? `Runbook: ${RUNBOOKS}#${section}` : `${runbook}#${section}`

export type AlarmProps = {
  readonly settings: Pick<Settings, 'runbook'>
  /** Null: the alarm shows in its account and tells nobody. */
  readonly tells: ITopic | null
}

export function alarmOf(scope: Construct, watch: Watch, { settings, tells }: AlarmProps): Alarm {
  const { id, runbook, says, metric, atLeast, below, periods = 1 } = watch
  const alarm = new Alarm(scope, `Alarm-${id}`, {
    alarmName: `${PREFIX}-${id}`,
    alarmDescription: `${says} ${runbookAt(settings, runbook)}`,
    metric,
    threshold: below ?? atLeast ?? 1,
    comparisonOperator:
      below === undefined
        ? ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD
        : ComparisonOperator.LESS_THAN_THRESHOLD,
    evaluationPeriods: periods,
    // Silence is good news, except from what should be heard every minute.
    treatMissingData: below === undefined ? TreatMissingData.NOT_BREACHING : TreatMissingData.BREACHING,
  })
  if (tells === null) return alarm
  const action = new SnsAction(tells)
  alarm.addAlarmAction(action)
  alarm.addOkAction(action)
  return alarm
}
