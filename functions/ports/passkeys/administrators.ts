import type { Result } from '../../../core/base/index.ts'

/** A request of AWS STS that its caller has signed, over the digest of what they ask for: it proves who asks, and gives away no credentials. */
export type SignedCaller = { readonly headers: { readonly [name: string]: string } }

/** Who has signed it, as AWS says. The error is a sentence. */
export type Administrators = (caller: SignedCaller, digest: string) => Promise<Result<Administrator, string>>

/**
 * `name`: as AWS writes it. `principal`: the same for all sessions of a role whose names people choose, and for all users and sign-ins
 * that are known to be one person's.
 */
export type Administrator = { readonly name: string; readonly principal: string }
