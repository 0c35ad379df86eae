/** Structured logs and metrics for CloudWatch, traces for X-Ray. Callers pass ids and digests, never bodies. */
import { Logger } from '@aws-lambda-powertools/logger'
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics'
import type { Observer } from '../../../ports/observer.ts'
import { redact } from './redact.ts'
import { type Tracing, xrayTracing } from './tracing.ts'

const NAMESPACE = 'Rolemedic'

/**
 * `service`: the name of the function in logs, metrics and traces. Flushes each metric at once, so that a killed function loses
 * none.
 */
export function powertools(service: string): Observer & Pick<Tracing, 'traced'> {
  const logger = new Logger({ serviceName: service })
  const metrics = new Metrics({ namespace: NAMESPACE, serviceName: service })
  const { traced, annotate } = xrayTracing(`rolemedic ${service}`, process.env)
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
