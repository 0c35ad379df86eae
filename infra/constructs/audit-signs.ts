/**
 * What goes wrong with the audit log is thrown, not counted, and stands in the log of the function: `apply` throws it to
 * Lambda, which writes the error with all that it holds. These filters count the lines.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 */
import { Duration } from 'aws-cdk-lib'
import { Metric } from 'aws-cdk-lib/aws-cloudwatch'
import { FilterPattern, MetricFilter } from 'aws-cdk-lib/aws-logs'
import type { Construct } from 'constructs'
import { METRICS } from '../names.ts'
import type { Watched } from './alarms.ts'
import type { Watch } from './watch.ts'

/** Whoever writes to the audit log. */
const WRITERS = ['propose', 'decide', 'apply', 'sweep'] as const

/** Words of the functions' own errors, and of S3 and KMS when they refuse the write. */
export const AUDIT_SIGNS = {
  AuditBroken: ['the audit log is broken'],
  AuditUnwritten: [
    'perform: s3:PutObject',
    'perform: kms:GenerateDataKey',
    'The specified bucket does not exist',
    'the audit log was appended to by too many others at once',
    'is being written by many at once',
  ],
} as const

type Sign = keyof typeof AUDIT_SIGNS

export const auditSign = (metricName: Sign): Metric =>
  new Metric({ namespace: METRICS, metricName, period: Duration.minutes(5), statistic: 'Sum' })

export function auditSigns(scope: Construct, { functions }: Pick<Watched, 'functions'>): readonly Watch[] {
  for (const [metricName, terms] of Object.entries(AUDIT_SIGNS))
    for (const name of WRITERS)
      new MetricFilter(scope, `${metricName}-${name}`, {
        logGroup: functions[name].logGroup,
        filterPattern: FilterPattern.anyTerm(...terms),
        metricNamespace: METRICS,
        metricName,
        metricValue: '1',
      })
  return [
    {
      id: 'audit-broken',
      runbook: 'audit-broken',
      says: 'The audit log is not the chain that it should be. Nothing is changed until that is understood.',
      metric: auditSign('AuditBroken'),
    },
    {
      id: 'audit-unwritten',
      runbook: 'audit-not-written',
      says: 'A record cannot be added to the audit log. Nothing is changed without its record.',
      metric: auditSign('AuditUnwritten'),
    },
  ]
}
