/** The folder in which the bot on this machine keeps everything: made, tried out, and what stops it said in one line. */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { join, resolve } from 'node:path'
import { UsageError } from '../functions/domain/base/errors.ts'

/** Room for a card, its record and the store's own log. What is larger fails later, and is told then. */
const ROOM_BYTES = 256 * 1024
const LEFTOVER_MS = 60_000

/** Makes the folder, finds out whether it takes what is written, and removes what a kill left half-written. */
export function prepareStateFolder(folder: string, nowMs: number): void {
  try {
    makeFolder(folder)
    tryOut(join(folder, '.room'))
    removeLeftovers(join(folder, 'audit'), nowMs)
  } catch (error) {
    throw stateFault(error, folder) ?? error
  }
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true })
  } catch (error) {
    // What Node says of a read-only file system when it makes folders one within another; made alone, it says why.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    mkdirSync(folder)
  }
}

function tryOut(path: string): void {
  const file = openSync(path, 'w')
  try {
    writeWhole(file, Buffer.alloc(ROOM_BYTES))
    fsyncSync(file)
  } finally {
    closeSync(file)
    unlinkSync(path)
  }
}

/** A write to a disk that is nearly full takes what still fits, and only the next one fails. */
function writeWhole(file: number, bytes: Buffer): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done)
}

/** A record is written beside its place and then named: a kill in between leaves the nameless file. */
function removeLeftovers(folder: string, nowMs: number): void {
  if (!existsSync(folder)) return
  const names = readdirSync(folder, { withFileTypes: true, encoding: 'utf8' }).filter(
    entry => entry.isFile() && /^\.[0-9a-f-]{36}\.tmp$/.test(entry.name),
  )
  for (const { name } of names) {
    const path = join(folder, name)
    if (nowMs - statSync(path).mtimeMs > LEFTOVER_MS) rmSync(path, { force: true })
  }
}

/** What a person does about a folder that takes no more; null for a fault of another kind. */
export function stateFault(error: unknown, folder: string): UsageError | null {
  // It says already what is wrong, which may be a file that was given.
  if (error instanceof UsageError) return null
  const why = causeIn(error)
  if (why === null) return null
  const place = resolve(folder)
  return new UsageError(sentence(why, place), { cause: error })
}

type Why = 'full' | 'read-only' | 'denied' | 'no-folder'

function sentence(why: Why, place: string): string {
  switch (why) {
    case 'full':
      return `no space left on the disk of ${place}: make room and start again, or name another folder with --state. Nothing that was recorded is lost.`
    case 'read-only':
      return `the state folder ${place} is on a read-only file system: name another folder with --state.`
    case 'denied':
      return `permission denied in ${place}: it, or a file in it, belongs to another user; make it yours (chown -R) or name another folder with --state.`
    case 'no-folder':
      return `the state folder ${place} cannot be made: something that is no folder is in its way; name another folder with --state.`
  }
}

const CODES: { readonly [code: string]: Why } = {
  ENOSPC: 'full',
  EDQUOT: 'full',
  EROFS: 'read-only',
  EACCES: 'denied',
  EPERM: 'denied',
  EEXIST: 'no-folder',
  ENOTDIR: 'no-folder',
}
/** LevelDB says it in words, below a code of its own. */
const WORDS: readonly (readonly [words: RegExp, why: Why])[] = [
  [/No space left on device|Disk quota exceeded/, 'full'],
  [/Read-only file system/, 'read-only'],
  [/Permission denied|Operation not permitted/, 'denied'],
]
const DEEPEST = 8

function causeIn(error: unknown): Why | null {
  let at: unknown = error
  for (let depth = 0; depth < DEEPEST && at instanceof Error; depth += 1) {
    const { code, message, cause } = at as NodeJS.ErrnoException
    const known = code === undefined || !Object.hasOwn(CODES, code) ? undefined : CODES[code]
    const said = WORDS.find(([words]) => words.test(message))?.[1]
    if (known !== undefined || said !== undefined) return known ?? said ?? null
    at = cause
  }
  return null
}
