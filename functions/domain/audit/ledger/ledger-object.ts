/** An object beside the log, and what is signed in it. */
import * as z from 'zod'
import { fail, type Result } from '../../../../core/base/index.ts'
import { type KeyRing, type StatementKind, signedShape, verified } from '../../authority/index.ts'
import type { ChainFinding } from '../verify-chain.ts'

/** What is longer is none of ours. */
const MAX_LEDGER_CHARS = 1_500_000

export const DEPLOYMENT_PART = '[0-9a-f-]{8,64}'

export type LedgerObject = {
  readonly key: string
  /** Delete markers count. */
  readonly versions: number
  /** Of the first version that is no delete marker. */
  readonly text: string
  /** Why the storage does not give the content. Absent: it does. */
  readonly unread?: string
}

export type AddFinding = (kind: ChainFinding['kind'], key: string, detail: string, sequence?: number) => void

/** What is wrong with any object, whatever it is to say. */
export const FOREIGN_NAME = 'the name is not one that rolemedic gives'
export function checkVersions({ key, versions }: LedgerObject, add: AddFinding): void {
  if (versions > 1) add('stored-again', key, `${versions} versions and delete markers are stored under this name`)
}
export const unreadKind = ({ unread }: LedgerObject) => (unread === undefined ? 'forged' : 'unreadable')

export function signedIn<T>(
  object: LedgerObject,
  kind: StatementKind<T>,
  isHere: (statement: T) => boolean,
  keys: KeyRing,
): Result<T, string> {
  const read = shaped(object, signedShape(kind))
  if (!read.ok) return read
  const statement = verified(kind, read.value, keys)
  if (!statement.ok) return statement
  return isHere(statement.value) ? statement : fail('it was signed for another place')
}

export function shaped<T>({ text, unread }: LedgerObject, shape: z.core.$ZodType<T>): Result<T, string> {
  if (unread !== undefined) return fail(unread)
  if (text.length > MAX_LEDGER_CHARS) return fail('it is longer than anything that rolemedic stores there')
  const read = z.safeParse(shape, jsonIn(text))
  return read.success ? { ok: true, value: read.data } : fail('it is not what rolemedic stores there')
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
