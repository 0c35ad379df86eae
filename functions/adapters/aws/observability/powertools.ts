/** Structured log lines, metrics and traces, as CloudWatch and X-Ray take them. Callers give ids and digests, never bodies. */
import { Logger } from '@aws-lambda-powertools/logger'
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics'
import type { Observer } from '../../../ports/observer.ts'
import { redact } from './redact.ts'
import { type Traces, xrayTraces } from './traces.ts'

const NAMESPACE = 'Rolemedic'

/** `service`: the function, as logs, metrics and traces name it. Each metric is written at once, so that a killed function loses none. */
export function powertools(service: string): Observer & Pick<Traces, 'traced'> {
  const logger = new Logger({ serviceName: service })
  const metrics = new Metrics({ namespace: NAMESPACE, serviceName: service })
  const { traced, annotate } = xrayTraces(`rolemedic ${service}`, process.env)
  return {
    log(level, message, fields = {}) {
      const safe = redact(fields)
      logger[level](message, safe)
      annotate(safe)
    },
    count(metric, value = 1) {
      metrics.singleMetric().addMetric(metric, MetricUnit.Count, value)
    },
    traced,
  }
}
