/** Schemas for members that may be missing or malformed. */
import type * as z from 'zod'

/** Reads a missing or malformed value as `instead`. */
export const orElse = <T extends z.ZodType>(schema: T, instead: z.core.util.NoUndefined<z.output<T>> & z.output<T>) =>
  schema.catch(instead).default(instead)

/** Reads a missing or malformed value as null. */
export const orNull = <T extends z.ZodType>(schema: T) => orElse(schema.nullable(), null)
