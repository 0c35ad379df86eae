import { RolemedicError } from '../../../domain/base/errors.ts'
import type { AuditLog } from '../../../ports/audit-log.ts'
import type { Observer } from '../../../ports/observer.ts'

/** Counts records that cannot be added. No change happens without its record, so the metric has an alarm. */
export const countedAudit = (log: AuditLog, observer: Pick<Observer, 'count'>): AuditLog => ({
  ...log,
  async append(entry) {
    try {
      return await log.append(entry)
    } catch (error) {
      const isBroken = error instanceof RolemedicError && error.code === 'audit-broken'
      observer.count(isBroken ? 'AuditBroken' : 'AuditUnwritten')
      throw error
    }
  },
})
