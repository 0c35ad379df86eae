import { join } from 'node:path'
import { checkChain } from '../../functions/domain/audit/verify-chain.ts'
import { neutralText } from '../../functions/domain/base/neutral-text.ts'
import { plural } from '../../functions/domain/base/rich-text.ts'
import type { ProposalStore } from '../../functions/ports/proposal-store.ts'
import { folderSource, headIn } from './audit-source.ts'

/** One sentence about the first record that is not as it was written, and how to see all; null for a whole trail. */
export async function brokenTrail(state: string, store: Pick<ProposalStore, 'getNote'>): Promise<string | null> {
  const folder = join(state, 'audit')
  const { stored, head, findings } = await folderSource(folder, await headIn(store))
  const check = checkChain(stored, head, findings)
  const [first, ...more] = check.findings
  if (check.intact || first === undefined) return null
  const others = more.length === 0 ? '' : ` (and ${plural(more.length, 'more finding')})`
  return `WARNING: the audit trail is broken: ${first.kind} ${neutralText(first.place, 100)}: ${neutralText(first.detail, 300)}${others}. See: npx rolemedic audit verify --from ${quoted(folder)}`
}

/** As a shell takes it. */
const quoted = (path: string): string => (/^[\w./@:+-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`)
