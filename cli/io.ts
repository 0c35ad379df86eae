/** What a command can access: files, the three streams, the clock. Tests pass a fake. */
import { readdir, readFile } from 'node:fs/promises'
import { gunzipSync } from 'node:zlib'
import { UsageError } from '../functions/domain/base/errors.ts'
import { neutralText } from '../functions/domain/base/neutral-text.ts'

export type Io = {
  /** Decompresses gzip. Throws UsageError with one line for unreadable files. */
  readFile(path: string): Promise<string>
  readStdin(): Promise<string>
  /** Names in a folder; empty where there is none. */
  fileNames(folder: string): Promise<readonly string[]>
  /** Whether a file may be read at all; absent: every file may. */
  readonly allows?: (path: string) => boolean
  /** The result, on standard output. */
  out(text: string): void
  /** One line for the user, on standard error. */
  err(line: string): void
  /** Replaces the progress line; null clears it. Silent unless stderr is a terminal. */
  progress(line: string | null): void
  /** Whether the result may contain colours. */
  readonly colour: boolean
  readonly nowMs: () => number
  readonly env: { readonly [name: string]: string | undefined }
}

/** File names and AWS messages are untrusted text: removes control characters and line breaks. */
export function oneLine(text: string): string {
  return `rolemedic: ${neutralText(text, 1_000)}`
}

/** Quoted for a POSIX shell. */
export const shellQuoted = (path: string): string =>
  /^[\w./@:+-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`

/** A command was called without its input. It may be a script with an empty variable, so this is an error. */
export function missingInput(what: string, help: string, io: Io): number {
  io.err(oneLine(what))
  io.err(`\n${help.trimEnd()}`)
  return 2
}

export function processIo(): Io {
  const { stdout, stderr, env } = process
  // A reader that stops early (head, less) is no error.
  stdout.on('error', error => {
    if ((error as NodeJS.ErrnoException).code === 'EPIPE') process.exit(process.exitCode ?? 0)
    stderr.write(`${oneLine(`standard output: ${error.message}`)}\n`)
    process.exit(2)
  })
  // Without a reader for errors, the command still does its work.
  stderr.on('error', () => {})
  return {
    readFile: readText,
    fileNames: namesIn,
    async readStdin() {
      if (process.stdin.isTTY) stderr.write(`${oneLine('reading standard input, until Ctrl-D')}\n`)
      const chunks: Buffer[] = []
      for await (const chunk of process.stdin) chunks.push(chunk)
      return decoded(Buffer.concat(chunks), 'standard input')
    },
    out: text => void stdout.write(text),
    err: line => void stderr.write(`${line}\n`),
    progress(line) {
      if (stderr.isTTY) stderr.write(`\r\u001b[K${line ?? ''}`)
    },
    colour: wantsColour(env, stdout.isTTY === true),
    nowMs: Date.now,
    env,
  }
}

/** FORCE_COLOR (https://force-color.org) takes precedence over NO_COLOR, as in Node. */
export function wantsColour(env: Io['env'], isTerminal: boolean): boolean {
  const forced = env['FORCE_COLOR']
  if (forced) return forced !== '0' && forced !== 'false'
  return isTerminal && !env['NO_COLOR'] && env['TERM'] !== 'dumb'
}

export const namesIn = (folder: string): Promise<readonly string[]> =>
  readdir(folder).then(
    names => names.sort(),
    () => [],
  )

export async function readText(path: string): Promise<string> {
  // For example a script with an unset variable.
  if (path === '') throw new UsageError('a FILE name is empty')
  try {
    return decoded(await readFile(path), path)
  } catch (cause) {
    if (cause instanceof UsageError) throw cause
    throw new UsageError(`${path}: ${whyUnreadable(cause)}`, { cause })
  }
}

/** CloudTrail delivers its log files compressed. */
function decoded(bytes: Buffer, name: string): string {
  const compressed = bytes[0] === 0x1f && bytes[1] === 0x8b
  try {
    const plain = compressed ? gunzipSync(bytes, { maxOutputLength: maxUnpacked(bytes.length) }) : bytes
    // PowerShell writes UTF-16 for `aws … > account.json`.
    return plain[0] === 0xff && plain[1] === 0xfe ? plain.toString('utf16le', 2) : plain.toString('utf8')
  } catch (cause) {
    throw new UsageError(`${name}: ${compressed ? 'damaged or too large gzip' : 'too large'}`, { cause })
  }
}

/** CloudTrail's files shrink to about a tenth; what shrinks much more is made to fill a memory. */
export const maxUnpacked = (packedBytes: number): number =>
  Math.min(MAX_BYTES, Math.max(SMALL_BYTES, packedBytes * MAX_RATIO))

const MAX_RATIO = 100
const SMALL_BYTES = 10_000_000

/** Close to the longest string that Node supports. */
const MAX_BYTES = 500_000_000

function whyUnreadable(cause: unknown): string {
  switch ((cause as NodeJS.ErrnoException).code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'no such file'
    case 'EISDIR':
      return 'is a directory'
    case 'EACCES':
    case 'EPERM':
      return 'permission denied'
    case 'ERR_FS_FILE_TOO_LARGE':
      return 'too large'
    default:
      return cause instanceof Error ? cause.message : 'cannot be read'
  }
}
