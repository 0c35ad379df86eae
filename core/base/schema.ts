/** Schemas for members that may be missing or malformed. */
import type * as z from 'zod'

/** `instead` where the value is missing or malformed. */
export const orElse = <T extends z.ZodType>(schema: T, instead: z.core.util.NoUndefined<z.output<T>> & z.output<T>) =>
  schema.catch(instead).default(instead)

/** Null where the value is missing or malformed. */
export const orNull = <T extends z.ZodType>(schema: T) => orElse(schema.nullable(), null)
