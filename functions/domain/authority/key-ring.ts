/** Exported public keys, as a file of people who verify offline. */
import * as z from 'zod'
import { BASE64, KEY_ID, KEY_USES } from './statement.ts'

export const keyRingSchema = z.array(
  z.strictObject({
    keyId: z.string().check(z.regex(KEY_ID)),
    use: z.enum(KEY_USES),
    algorithm: z.literal('ECDSA_SHA_256'),
    publicKey: z.string().check(z.regex(BASE64)),
    retiredAtMs: z.exactOptional(z.int().check(z.gte(0))),
  }),
)
