import type { Io } from '../../cli/io.ts'
import { readText } from '../../cli/io.ts'

export type MemoryIo = Io & { readonly said: { out: string; err: string[]; progress: (string | null)[] } }

/** Real files, no real streams. */
export function memoryIo(options: { stdin?: string; nowMs?: number; colour?: boolean } = {}): MemoryIo {
  const { stdin = '', nowMs = Date.parse('2026-11-24T23:00:00Z'), colour = false } = options
  const said: MemoryIo['said'] = { out: '', err: [], progress: [] }
  return {
    said,
    readFile: readText,
    readStdin: async () => stdin,
    out: text => {
      said.out += text
    },
    err: line => void said.err.push(line),
    progress: line => void said.progress.push(line),
    colour,
    nowMs: () => nowMs,
    env: {},
  }
}
