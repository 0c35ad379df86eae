/** Creates and checks the state folder of the local bot, and explains its errors in one line. */

import { randomUUID } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join, resolve } from 'node:path'
import { UsageError } from '../core/base/index.ts'

/** Space for a card, its record and the store's log. */
const REQUIRED_BYTES = 256 * 1024
const LEFTOVER_MS = 60_000

/** Creates the folder, checks that it is writable, and removes incomplete files of a crash. */
export function prepareStateFolder(folder: string, nowMs: number): void {
  try {
    createFolder(folder)
    requireWritable(join(folder, '.write-test'))
    removeLeftovers(join(folder, 'audit'), nowMs)
  } catch (error) {
    throw stateFolderError(error, folder) ?? error
  }
}

/** Made with the first start, and the same for as long as the folder stays. */
export function deploymentIdIn(folder: string): string {
  const file = join(folder, 'deployment-id')
  if (!existsSync(file)) writeFileSync(file, randomUUID(), { flag: 'wx' })
  return readFileSync(file, 'utf8').trim()
}

const SAMPLES_SENT = 'samples-sent'

/** Samples are sent to a folder once: a person who starts again finds the channel as they left it. */
export const wereSamplesSent = (folder: string): boolean => existsSync(join(folder, SAMPLES_SENT))
export const noteSamplesSent = (folder: string): void => writeFileSync(join(folder, SAMPLES_SENT), '')

function createFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true })
  } catch (error) {
    // A recursive mkdir on a read-only file system fails with ENOENT. Without `recursive` it fails with the real reason.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    mkdirSync(folder)
  }
}

function requireWritable(path: string): void {
  const file = openSync(path, 'w')
  try {
    writeWhole(file, Buffer.alloc(REQUIRED_BYTES))
    fsyncSync(file)
  } finally {
    closeSync(file)
    unlinkSync(path)
  }
}

/** On a nearly full disk a write can be partial, and only the next one fails. */
function writeWhole(file: number, bytes: Buffer): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done)
}

/** Records are written to a temporary file and then renamed. A crash in between leaves the temporary file. */
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

/** What the user can do about a folder that is not writable. Null for other errors. */
export function stateFolderError(error: unknown, folder: string): UsageError | null {
  // It already is a message for the user.
  if (error instanceof UsageError) return null
  const kind = faultKind(error)
  return kind === null ? null : new UsageError(sentence(kind, resolve(folder)), { cause: error })
}

type FaultKind = 'full' | 'read-only' | 'denied' | 'no-folder'

function sentence(kind: FaultKind, path: string): string {
  switch (kind) {
    case 'full':
      return `no space left on the disk of ${path}: free some space and start again, or choose another folder with --state. No recorded data is lost.`
    case 'read-only':
      return `the state folder ${path} is on a read-only file system: choose another folder with --state.`
    case 'denied':
      return `permission denied in ${path}: the folder or a file in it belongs to another user; change the owner (chown -R) or choose another folder with --state.`
    case 'no-folder':
      return `cannot create the state folder ${path}: the path contains a file that is not a folder; choose another folder with --state.`
  }
}

const ERROR_CODES: { readonly [code: string]: FaultKind } = {
  ENOSPC: 'full',
  EDQUOT: 'full',
  EROFS: 'read-only',
  EACCES: 'denied',
  EPERM: 'denied',
  EEXIST: 'no-folder',
  ENOTDIR: 'no-folder',
}
/** LevelDB reports these only in the message. */
const LEVELDB_MESSAGES: readonly (readonly [message: RegExp, kind: FaultKind])[] = [
  [/No space left on device|Disk quota exceeded/, 'full'],
  [/Read-only file system/, 'read-only'],
  [/Permission denied|Operation not permitted/, 'denied'],
]
const MAX_CAUSES = 8

function faultKind(error: unknown): FaultKind | null {
  let current: unknown = error
  for (let depth = 0; depth < MAX_CAUSES && current instanceof Error; depth += 1) {
    const { code, message, cause } = current as NodeJS.ErrnoException
    const known = code === undefined || !Object.hasOwn(ERROR_CODES, code) ? undefined : ERROR_CODES[code]
    const byMessage = LEVELDB_MESSAGES.find(([pattern]) => pattern.test(message))?.[1]
    if (known !== undefined || byMessage !== undefined) return known ?? byMessage ?? null
    current = cause
  }
  return null
}
