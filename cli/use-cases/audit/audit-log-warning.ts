import { join } from 'node:path'
import { neutralText, plural } from '../../../core/base/index.ts'
import { isDamage } from '../../../functions/domain/audit/index.ts'
import type { KeyRing } from '../../../functions/domain/authority/index.ts'
import type { ProposalStore } from '../../../functions/ports/index.ts'
import { shellQuoted } from '../../shell-quoted.ts'
import { NO_READER, readAuditSource } from './audit-log.ts'
import { folderSource, headFromStore } from './audit-source.ts'

/** A warning about the first damaged record, with the command that lists all. Null: the log is intact. */
export async function auditLogWarning(
  state: string,
  store: Pick<ProposalStore, 'getMarker'>,
  keys: KeyRing | null = null,
): Promise<string | null> {
  const folder = join(state, 'audit')
  const source = await folderSource(folder, await headFromStore(store))
  const { check } = await readAuditSource(source, { keys }, () => NO_READER)
  const [first, ...more] = check.findings.filter(isDamage)
  if (check.intact || first === undefined) return null
  const others = more.length === 0 ? '' : ` (and ${plural(more.length, 'more finding')})`
  return `WARNING: the audit log is broken: ${first.kind} ${neutralText(first.place, 100)}: ${neutralText(first.detail, 300)}${others}. See: npx rolemedic audit verify --from ${shellQuoted(folder)}`
}
