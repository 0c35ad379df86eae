/** What a command may touch: files, the three streams, the clock. Tests give their own. */
import { readFile } from 'node:fs/promises'
import { gunzipSync } from 'node:zlib'
import { UsageError } from '../functions/domain/base/errors.ts'
import { neutralText } from '../functions/domain/base/neutral-text.ts'

export type Io = {
  /** Gzip is opened. Throws UsageError, in one line, for what cannot be read. */
  readFile(path: string): Promise<string>
  readStdin(): Promise<string>
  /** The result: what a program that reads us gets. */
  out(text: string): void
  /** One line for the person. */
  err(line: string): void
  /** Replaces the line that says what is going on; null takes it away. Silent unless stderr is a terminal. */
  progress(line: string | null): void
  /** Whether the result may carry colours. */
  readonly colour: boolean
  readonly nowMs: () => number
  readonly env: { readonly [name: string]: string | undefined }
}

/** Names of files and words of AWS come from outside: no control characters, no second line. */
export function oneLine(text: string): string {
  return `rolemedic: ${neutralText(text, 1_000)}`
}

/** A command that needs an input was called bare. It may be a script whose variable is empty, so this is no success. */
export function nothingGiven(what: string, help: string, io: Io): number {
  io.err(oneLine(what))
  io.err(`\n${help.trimEnd()}`)
  return 2
}

export function processIo(): Io {
  const { stdout, stderr, env } = process
  // A reader that has seen enough (head, less) is no failure.
  stdout.on('error', error => {
    if ((error as NodeJS.ErrnoException).code === 'EPIPE') process.exit(process.exitCode ?? 0)
    stderr.write(`${oneLine(`standard output: ${error.message}`)}\n`)
    process.exit(2)
  })
  // Nobody is left to tell, and what was asked is done all the same.
  stderr.on('error', () => {})
  return {
    readFile: readText,
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
    colour: stdout.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb',
    nowMs: Date.now,
    env,
  }
}

export async function readText(path: string): Promise<string> {
  // A script whose variable is not set.
  if (path === '') throw new UsageError('the name of a FILE is empty')
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
    const plain = compressed ? gunzipSync(bytes, { maxOutputLength: MAX_BYTES }) : bytes
    // What PowerShell writes for `aws … > account.json`.
    return plain[0] === 0xff && plain[1] === 0xfe ? plain.toString('utf16le', 2) : plain.toString('utf8')
  } catch (cause) {
    throw new UsageError(`${name}: ${compressed ? 'damaged or too large gzip' : 'too large to be read'}`, { cause })
  }
}

/** Near the longest string that Node can hold. */
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
      return 'may not be read'
    case 'ERR_FS_FILE_TOO_LARGE':
      return 'too large to be read'
    default:
      return cause instanceof Error ? cause.message : 'cannot be read'
  }
}
