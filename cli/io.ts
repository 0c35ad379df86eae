/** What a command can access: files, the three streams, the clock. Tests pass a fake. */

import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { neutralText, UsageError } from '../core/base/index.ts'
import { MAX_TEXT_BYTES, maxUnpacked, plainBytes, TooLargeGzip } from './files/plain-bytes.ts'
import { shownName, standardInput } from './files/standard-input.ts'
import type { NamedText, UseCaseWorld } from './use-cases/world.ts'

/** What a command prints. Nothing but `data` reaches a stream as it is. */
export type Streams = {
  /** Text for people, on standard output. A runner of CI jobs finds no command in it. */
  out(text: string): void
  /** What a program reads, exactly, on standard output: JSON, code, a diff. */
  data(text: string): void
  /** One line for the user, on standard error. A runner of CI jobs finds no command in it. */
  err(line: string): void
}

export type Io = UseCaseWorld &
  Streams & {
    /** Nothing is piped in: a person would have to type it. */
    readonly stdinIsTerminal: boolean
    /** A person sees the result, and a program behind a pipe does not. */
    readonly stdoutIsTerminal: boolean
    /** A file, a folder or a pipe of that name. */
    exists(path: string): Promise<boolean>
    /** A line of the person at the terminal; null where nobody can answer. */
    readonly ask: ((question: string) => Promise<string>) | null
    /** Whether the result may contain colours. */
    readonly colour: boolean
  }

/** `-` is standard input. */
export async function readGiven(file: string, io: Io): Promise<NamedText> {
  return { name: file === '-' ? null : file, text: await io.readFile(file) }
}

export function notes(lines: readonly string[], io: Io): void {
  for (const line of lines) io.err(oneLine(line))
}

/** Removes control characters and line breaks: file names and AWS messages are untrusted. */
export function oneLine(text: string): string {
  return `rolemedic: ${neutralText(text, 1_000)}`
}

/**
 * Runners of CI jobs take `##[name]` and `##vso[name]` for a command anywhere in a line, and `::name` at its beginning.
 * https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs
 * https://learn.microsoft.com/en-us/azure/devops/pipelines/scripts/logging-commands
 */
const withoutRunnerCommands = (text: string): string =>
  text
    .replaceAll(/##(?=\[|vso\[)/gi, '## ')
    .replaceAll(/^[^\S\n\r\u2028\u2029]*::/gm, start => start.replace('::', ': :'))

/** The only way from a command to the streams. */
export const streamsTo = ({ out, err }: Pick<Streams, 'out' | 'err'>): Streams => ({
  out: text => out(withoutRunnerCommands(text)),
  data: out,
  err: line => err(withoutRunnerCommands(line)),
})

/** The words of the SDK. Not at the end: the command has said already what to do. */
const NO_CREDENTIALS = /Could not load credentials from any providers$/

/** The address or the host is in the cause alone. */
const messageOf = ({ message, cause }: Error): string =>
  message === 'fetch failed' && cause instanceof Error ? `${message}: ${cause.message}` : message

/** Runs a command. An error becomes one line and exit code 2. */
export async function exitCodeOf(io: Io, run: () => Promise<number>): Promise<number> {
  try {
    return await run()
  } catch (error) {
    io.progress(null)
    const text = error instanceof Error ? messageOf(error) : String(error)
    io.err(oneLine(text.replace(NO_CREDENTIALS, '$& (aws configure, aws sso login, or AWS_PROFILE)')))
    return 2
  }
}

/** The result for a command without input. A script may have an empty variable, so this is an error. */
export function missingInput(what: string, help: string, io: Io): number {
  io.err(oneLine(what))
  io.err(`\n${help.trimEnd()}`)
  return 2
}

export function processIo(): Io {
  const { stdout, stderr, env } = process
  // A reader that stops early (head, less) is not an error.
  stdout.on('error', error => {
    if ((error as NodeJS.ErrnoException).code === 'EPIPE') process.exit(process.exitCode ?? 0)
    stderr.write(`${oneLine(`standard output: ${error.message}`)}\n`)
    process.exit(2)
  })
  // The command completes even if nobody reads its errors.
  stderr.on('error', () => {})
  return {
    readFile: readText,
    readBytes,
    writtenAtMs,
    fileNames: namesIn,
    stdinIsTerminal: process.stdin.isTTY === true,
    stdoutIsTerminal: stdout.isTTY === true,
    exists: pathExists,
    ask: process.stdin.isTTY === true && stderr.isTTY === true ? asked : null,
    ...streamsTo({ out: text => void stdout.write(text), err: line => void stderr.write(`${line}\n`) }),
    progress(line) {
      if (stderr.isTTY) stderr.write(`\r\u001b[K${line ?? ''}`)
    },
    colour: wantsColour(env, stdout.isTTY === true),
    nowMs: Date.now,
    env,
  }
}

/** On standard error, as standard output may go to a file. */
async function asked(question: string): Promise<string> {
  const { createInterface } = await import('node:readline/promises')
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return await terminal.question(question)
  } finally {
    terminal.close()
  }
}

/** FORCE_COLOR (https://force-color.org) takes precedence over NO_COLOR, as in Node. */
export function wantsColour(env: Io['env'], isTerminal: boolean): boolean {
  const forced = env['FORCE_COLOR']
  if (forced) return forced !== '0' && forced !== 'false'
  return isTerminal && !env['NO_COLOR'] && env['TERM'] !== 'dumb'
}

export const pathExists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )

/** Null for a pipe, which has no date of its own. */
export const writtenAtMs = (path: string): Promise<number | null> =>
  stat(path).then(
    found => (found.isFile() ? Math.floor(found.mtimeMs) : null),
    () => null,
  )

export const namesIn = (folder: string): Promise<readonly string[]> =>
  readdir(folder).then(
    names => names.sort(),
    () => [],
  )

export const readText = async (path: string): Promise<string> => textOf(shownName(path), fileBytes(path))

export const readBytes = (path: string): AsyncIterable<Uint8Array> =>
  readable(shownName(path), fileBytes(path), packedBytes => maxUnpacked(packedBytes, Number.POSITIVE_INFINITY))

const READ_BYTES = 1024 * 1024

function fileBytes(path: string): AsyncIterable<Uint8Array> {
  // For example, a script with an unset variable.
  if (path === '') throw new UsageError('a FILE name is empty')
  if (path !== '-') return createReadStream(path, { highWaterMark: READ_BYTES })
  if (process.stdin.isTTY) process.stderr.write(`${oneLine('reading standard input, until Ctrl-D')}\n`)
  return standardInput()
}

async function textOf(name: string, raw: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of readable(name, raw, maxUnpacked)) {
    bytes += chunk.length
    if (bytes > MAX_TEXT_BYTES) throw new UsageError(`${name}: too large`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** Errors are one line that names the file. */
async function* readable(
  name: string,
  raw: AsyncIterable<Uint8Array>,
  maxUnpackedBytes: (packedBytes: number) => number,
): AsyncIterable<Uint8Array> {
  try {
    yield* plainBytes(raw, { maxUnpackedBytes })
  } catch (cause) {
    throw new UsageError(`${name}: ${whyUnreadable(cause)}`, { cause })
  }
}

function whyUnreadable(cause: unknown): string {
  const { code } = cause as NodeJS.ErrnoException
  if (cause instanceof TooLargeGzip || code?.startsWith('Z_') === true) return 'damaged or too large gzip'
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'no such file'
    case 'EISDIR':
      return 'is a directory'
    case 'EACCES':
    case 'EPERM':
      return 'permission denied'
    default:
      return cause instanceof Error ? cause.message : 'cannot be read'
  }
}
