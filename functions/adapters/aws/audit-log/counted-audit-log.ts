import { RolemedicError } from '../../../../core/base/index.ts'
import type { AuditLog } from '../../../ports/audit-log.ts'
import type { Observer } from '../../../ports/observer.ts'

/** Counts records that cannot be appended. Without its record no change happens, so alarms watch these metrics. */
export const countedAudit = (log: AuditLog, observer: Pick<Observer, 'count'>): AuditLog => {
  const counted = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work
    } catch (error) {
      const code = error instanceof RolemedicError ? error.code : null
      if (code === 'audit-broken') observer.count('AuditBroken')
      else if (code === 'audit-unread') observer.count('AuditUnread')
      else if (code === 'audit-conflict') observer.count('AuditConflict')
      else observer.count('AuditUnwritten')
      throw error
    }
  }
  return {
    ...log,
    append: entry => counted(log.append(entry)),
    appendAll: entries => counted(log.appendAll(entries)),
    last: () => counted(log.last()),
  }
}
