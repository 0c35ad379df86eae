/** Reports for which properties the service that assumes the role is unknown, and how old the other entries are. */
import type { AssumersRow, GeneratedAssumers, SentKeyRow } from '../role-properties/assumers.ts'
import type { GeneratedRoleProperty } from '../role-properties/generate.ts'

const DAY_MS = 86_400_000

/** One line per type without an entry, then the sum. `on`: today, such as `2026-11-29`. */
export function assumersReport(
  properties: Readonly<Record<string, readonly GeneratedRoleProperty[]>>,
  { types }: GeneratedAssumers,
  rows: readonly (Pick<AssumersRow, 'read'> | Pick<SentKeyRow, 'read'>)[],
  on: string,
): readonly string[] {
  let known = 0
  const missing: string[] = []
  for (const [type, own] of Object.entries(properties)) {
    const open: string[] = []
    for (const [path, , , kind] of own) {
      if (kind === 'assumed-role') continue
      if (kind === 'instance-profile' || types[type]?.[path] !== undefined) known += 1
      else open.push(path)
    }
    if (open.length > 0) missing.push(`? ${type} ${open.join(', ')}: nothing published says who assumes it`)
  }
  const oldest = rows.map(({ read }) => read).sort()[0] ?? on
  const days = Math.floor((Date.parse(on) - Date.parse(oldest)) / DAY_MS)
  const sum = `${known} properties with a published answer to who assumes their role, ${missing.length} types with others; the oldest source was read ${days} days ago (${oldest}).`
  return [...missing, sum]
}
