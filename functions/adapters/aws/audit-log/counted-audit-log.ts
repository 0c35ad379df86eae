import { RolemedicError } from '../../../domain/base/errors.ts'
import type { AuditLog } from '../../../ports/audit-log.ts'
import type { Observer } from '../../../ports/observer.ts'

/** Counts the records that cannot be added: what needs them does not happen, and somebody has to know. */
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
