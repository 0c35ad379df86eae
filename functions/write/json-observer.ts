/** Logs as JSON lines, and metrics in the same lines: CloudWatch reads them from there, so nothing has to be sent. */
import type { Observer } from '../ports/observer.ts'

const MAX_CHARS = 500

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html */
export const jsonObserver = (service: string, print: (line: string) => void, clock: () => number): Observer => ({
  log(level, message, fields = {}) {
    const line = { ...fields, level: level.toUpperCase(), message, service, timestamp: new Date(clock()).toISOString() }
    print(JSON.stringify(line, (_, value: unknown) => (typeof value === 'string' ? value.slice(0, MAX_CHARS) : value)))
  },
  count(metric, value = 1) {
    const directive = { Namespace: 'Rolemedic', Dimensions: [['service']], Metrics: [{ Name: metric, Unit: 'Count' }] }
    const _aws = { Timestamp: clock(), CloudWatchMetrics: [directive] }
    print(JSON.stringify({ _aws, service, [metric]: value }))
  },
})
