/** Zod's small build, which every function carries, with the messages that people read: it has none of its own. */
import * as z from 'zod/mini'
// `z.locales` would bring every language.
import en from 'zod/v4/locales/en.js'

z.config(en())

export * from 'zod/mini'

/** Zod's own `catch` in effect. That one reaches its utilities through two namespaces, which brings all of them. */
const caught = <T extends z.core.$ZodType>(schema: T, instead: z.output<T>) =>
  new z.ZodMiniCatch({ type: 'catch', innerType: schema, catchValue: () => instead }) as z.ZodMiniCatch<T>

export { caught as catch }

/** `instead` where the value is missing or has another form. */
export const orElse = <T extends z.core.$ZodType>(
  schema: T,
  instead: z.core.util.NoUndefined<z.output<T>> & z.output<T>,
) => z._default(caught(schema, instead), instead)

/** Null where the value is missing or has another form. */
export const orNull = <T extends z.core.$ZodType>(schema: T) => orElse(z.nullable(schema), null)
