/**
 * Stored data carries a version. A version is written so that the one before it reads it too: it adds members and takes
 * none away. So two versions run side by side while a release rolls out, and a release can be rolled back.
 */

import * as z from 'zod'
import { fail, ok, type Result, RolemedicError } from '../../../core/base/index.ts'

/** Of what was stored before versions were written down. */
export const FIRST_VERSION = 1
export const CURRENT_VERSION = 2

export interface Codec<T> {
  write(value: T): unknown
  /** `version`: as stored; a newer one than ours is read as ours. The error says where it differs, and shows no content. */
  read(stored: unknown, version: number): Result<T, string>
}

const UNREADABLE = 'item-unreadable'
/** Of an item that is there and does not parse. */
export const itemUnreadable = (key: string, why: string) =>
  new RolemedicError(UNREADABLE, `${key} cannot be read: ${why}`)
export const isItemUnreadable = (error: unknown): error is RolemedicError =>
  error instanceof RolemedicError && error.code === UNREADABLE

/** Gives the form of the next version. What it cannot read it leaves as it is, for the schema to refuse. */
export type Upcaster = (stored: unknown) => unknown

const MAX_ERROR_CHARS = 300

export function codec<T>(
  schema: z.core.$ZodType<T>,
  write: (value: T) => unknown,
  /** From version 1 on, in order. A version that lacks one has the form of the next. */
  upcasters: readonly Upcaster[] = [],
): Codec<T> {
  return {
    write,
    read(stored, version) {
      if (!Number.isInteger(version) || version < FIRST_VERSION) return fail(`version ${version} is not known`)
      const current = upcasters.slice(version - FIRST_VERSION).reduce((older, upcast) => upcast(older), stored)
      const parsed = z.safeParse(schema, current)
      return parsed.success ? ok(parsed.data) : fail(whereOf(parsed.error))
    },
  }
}

function whereOf({ issues }: z.core.$ZodError): string {
  const [first] = issues
  if (first === undefined) return 'it has another form'
  return `${first.path.join('.') || 'the whole'}: ${first.message}`.slice(0, MAX_ERROR_CHARS)
}

/** Upcasts members of an object. Undefined: the member is not there. */
export const withMembers =
  (members: { readonly [name: string]: Upcaster }): Upcaster =>
  stored => {
    const read = anObject.safeParse(stored)
    if (!read.success) return stored
    const upcast = Object.entries(members).map(([name, each]) => [name, each(read.data[name])])
    return { ...read.data, ...Object.fromEntries(upcast) }
  }

const anObject = z.looseObject({})

/** For a member that an older version left out. */
export const orMissing =
  (instead: unknown): Upcaster =>
  stored =>
    stored === undefined ? instead : stored
