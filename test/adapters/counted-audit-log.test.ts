import { describe, expect, it } from 'vitest'
import { RolemedicError } from '../../core/base/fault.ts'
import { countedAudit } from '../../functions/adapters/aws/audit-log/counted-audit-log.ts'
import type { AuditLog } from '../../functions/ports/audit-log.ts'

describe('an audit log that takes no record', () => {
  it.each([
    ['audit-broken', 'AuditBroken'],
    ['audit-conflict', 'AuditConflict'],
    ['audit-unread', 'AuditUnread'],
    ['network', 'AuditUnwritten'],
  ])('is counted for what it is: %s', async (code, metric) => {
    const fails = () => Promise.reject(new RolemedicError(code, 'it takes none'))
    const log = { append: fails, appendAll: fails } as unknown as AuditLog
    const counted: string[] = []
    const audit = countedAudit(log, { count: name => void counted.push(name) })
    await expect(audit.append({} as never)).rejects.toThrow('it takes none')
    expect([metric, ...counted]).toEqual([metric, metric])
  })
})
