/** Runs a command of the command line in this process, so that a tool and the command give the same result. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { neutralText, UsageError } from '../../core/base/index.ts'
import type { Command } from '../command.ts'
import { type Io, readText } from '../io.ts'
import type { GivenFiles } from './given-files.ts'

export type CommandResult = {
  readonly code: number
  readonly out: string
  readonly notes: readonly string[]
  readonly outside: readonly string[]
}

export type CommandRun = {
  readonly command: Command
  readonly args: readonly string[]
  readonly stdin: string
  readonly files: GivenFiles
}

const MAX_NOTES = 20

export async function runCommand({ command, args, stdin, files }: CommandRun): Promise<CommandResult> {
  const notes: string[] = []
  const outside: string[] = [stdin, ...args]
  let out = ''
  const readFile = async (path: string) => {
    if (!files.allows(path)) throw new UsageError(`${path}: not one of the given files`)
    const text = await readText(path)
    outside.push(text)
    return text
  }
  const io: Io = {
    readFile,
    // Whole, as sentences of the file are looked for in the answer.
    async *readBytes(path) {
      yield Buffer.from(await readFile(path))
    },
    allows: files.allows,
    fileNames: async () => [],
    readStdin: async () => stdin,
    out(text) {
      out += text
    },
    err(line) {
      if (notes.length < MAX_NOTES) notes.push(neutralText(line, 1_000))
    },
    progress() {},
    colour: false,
    nowMs: Date.now,
    env: {},
  }
  try {
    const code = await command.run(args, io)
    return { code, out, notes, outside }
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    return { code: 2, out: '', notes: [...notes, neutralText(error.message, 1_000)], outside }
  }
}

/** `preflight` reads its template from a file, as templates name files beside them. */
export async function withTextFile<T>(name: string, text: string, use: (path: string, folder: string) => Promise<T>) {
  const folder = await mkdtemp(join(tmpdir(), 'rolemedic-mcp-'))
  try {
    const path = join(folder, name)
    await writeFile(path, text, { mode: 0o600 })
    return await use(path, folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
