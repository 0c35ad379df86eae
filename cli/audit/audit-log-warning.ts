import { join } from 'node:path'
import { checkChain } from '../../functions/domain/audit/verify-chain.ts'
import { neutralText } from '../../functions/domain/base/neutral-text.ts'
import { plural } from '../../functions/domain/base/rich-text.ts'
import type { ProposalStore } from '../../functions/ports/proposal-store.ts'
import { folderSource, headFromStore } from './audit-source.ts'

/** A warning about the first damaged record, with the command that lists all; null if the log is intact. */
export async function auditLogWarning(state: string, store: Pick<ProposalStore, 'getMarker'>): Promise<string | null> {
  const folder = join(state, 'audit')
  const { stored, head, findings } = await folderSource(folder, await headFromStore(store))
  const check = checkChain(stored, head, findings)
  const [first, ...more] = check.findings
  if (check.intact || first === undefined) return null
  const others = more.length === 0 ? '' : ` (and ${plural(more.length, 'more finding')})`
  return `WARNING: the audit log is broken: ${first.kind} ${neutralText(first.place, 100)}: ${neutralText(first.detail, 300)}${others}. See: npx rolemedic audit verify --from ${shellQuoted(folder)}`
}

/** Quoted for a POSIX shell. */
const shellQuoted = (path: string): string => (/^[\w./@:+-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`)
