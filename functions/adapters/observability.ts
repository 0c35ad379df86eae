/** Structured log lines and metrics, as Powertools writes them for CloudWatch. Callers give ids and digests, never bodies. */
import { Logger } from '@aws-lambda-powertools/logger'
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics'
import type { Observer } from '../core/ports.ts'
import { safeFields } from './safe-fields.ts'

const NAMESPACE = 'Rolemedic'

/** `service`: the function, as logs and metrics name it. Each metric is written at once, so that a killed function loses none. */
export function powertools(service: string): Observer {
  const logger = new Logger({ serviceName: service })
  const metrics = new Metrics({ namespace: NAMESPACE, serviceName: service })
  return {
    log: (level, message, fields = {}) => logger[level](message, safeFields(fields)),
    count(metric, value = 1) {
      metrics.singleMetric().addMetric(metric, MetricUnit.Count, value)
    },
  }
}
