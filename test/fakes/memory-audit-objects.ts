import { ok } from '../../core/base/result.ts'
import type { AuditObjects } from '../../functions/adapters/aws/audit-log/append-to-chain.ts'
import { recordName } from '../../functions/domain/audit/audit-chain.ts'

/** Write-once storage in memory. */
export function memoryObjects(): AuditObjects & { readonly texts: Map<number, string> } {
  const texts = new Map<number, string>()
  return {
    texts,
    async read(sequence) {
      const text = texts.get(sequence)
      return text === undefined ? null : ok(text)
    },
    async create(sequence, text) {
      if (texts.has(sequence)) return null
      texts.set(sequence, text)
      return {}
    },
    async *stored() {
      for (const [sequence, text] of [...texts].sort(([a], [b]) => a - b))
        yield { place: recordName(sequence), sequence, text, versions: 1 }
    },
  }
}
