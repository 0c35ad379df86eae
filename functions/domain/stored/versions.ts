/**
 * Stored data has a version of its form. A release reads its own version and, through upcasters, earlier ones. It refuses newer
 * versions with an explanation, because unknown members may matter. See docs/adr/0017-stored-versions.md.
 */

import * as z from 'zod'
import { fail, ok, type Result, RolemedicError } from '../../../core/base/index.ts'

/** The version of items without a version. No release wrote or reads such items, and the number is never reused. */
export const BEFORE_VERSIONS = 1
export const FIRST_VERSION = 2
export const CURRENT_VERSION = 2

export interface Codec<T> {
  write(value: T): unknown
  /** `version`: as stored. The error says where the form differs, and contains no content. */
  read(stored: unknown, version: number): Result<T, string>
}

const UNREADABLE = 'item-unreadable'
/** The error for an existing item that does not parse. */
export const itemUnreadable = (key: string, why: string) =>
  new RolemedicError(UNREADABLE, `${key} cannot be read: ${why}`)
export const isItemUnreadable = (error: unknown): error is RolemedicError =>
  error instanceof RolemedicError && error.code === UNREADABLE

/** Converts to the form of the next version. Leaves unreadable parts unchanged, so that the schema refuses them. */
export type Upcaster = (stored: unknown) => unknown

const MAX_ERROR_CHARS = 300

export function codec<T>(
  schema: z.core.$ZodType<T>,
  write: (value: T) => unknown,
  /** In order, from the first version on. A version without one has the same form as the next. */
  upcasters: readonly Upcaster[] = [],
  newest: number = CURRENT_VERSION,
): Codec<T> {
  return {
    write,
    read(stored, version) {
      const refusal = refusalOf(version, newest)
      if (refusal !== null) return fail(refusal)
      const current = upcasters.slice(version - FIRST_VERSION).reduce((older, upcast) => upcast(older), stored)
      const parsed = z.safeParse(schema, current)
      return parsed.success ? ok(parsed.data) : fail(whereOf(parsed.error))
    },
  }
}

function refusalOf(version: number, newest: number): string | null {
  if (version === BEFORE_VERSIONS) return 'it has the form from before versions, which was in no release'
  if (!Number.isInteger(version) || version < FIRST_VERSION) return `version ${version} is not known`
  if (version <= newest) return null
  return `version ${version} is newer than ${newest}, the newest that this release reads: deploy the release that wrote it`
}

function whereOf({ issues }: z.core.$ZodError): string {
  const [first] = issues
  if (first === undefined) return 'it has another form'
  return `${first.path.join('.') || 'the whole'}: ${first.message}`.slice(0, MAX_ERROR_CHARS)
}
