import type { Io } from '../../cli/io.ts'
import { pathExists, readBytes, readText, streamsTo } from '../../cli/io.ts'

export type MemoryIo = Io & { readonly captured: { out: string; err: string[]; progress: (string | null)[] } }

/** Reads real files; captures the streams. Without `stdin`, standard input is a terminal. */
export function memoryIo(
  options: {
    stdin?: string
    nowMs?: number
    colour?: boolean
    terminal?: boolean
    files?: { [folder: string]: readonly string[] }
  } = {},
): MemoryIo {
  const { stdin, nowMs = Date.parse('2026-11-24T23:00:00Z'), colour = false, terminal = colour, files = {} } = options
  const captured: MemoryIo['captured'] = { out: '', err: [], progress: [] }
  return {
    captured,
    readFile: async path => (path === '-' ? (stdin ?? '') : readText(path)),
    readBytes,
    fileNames: async folder => files[folder] ?? [],
    stdinIsTerminal: stdin === undefined,
    stdoutIsTerminal: terminal,
    exists: pathExists,
    ask: null,
    ...streamsTo({
      out: text => {
        captured.out += text
      },
      err: line => void captured.err.push(line),
    }),
    progress: line => void captured.progress.push(line),
    colour,
    nowMs: () => nowMs,
    env: {},
  }
}
