/**
 * The only text of an event that may enter a policy: exact names in IAM's own character set, without wildcards or policy variables.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
import { type EntityArn, parseEntityArn } from '../../iam/index.ts'

/** A path may contain any printable character. Without `*`, `?` and `${` it is literal in a policy. */
const ENTITY = /^arn:aws[a-z-]*:iam::\d{12}:(role|user)\/(?![^ ]*\$\{)(?:[!-)+->@-~]{1,510}\/)?[\w+=,.@-]+$/
const SERVICE = /^[a-z0-9][a-z0-9.-]{0,120}\.amazonaws\.com(\.cn)?$/
const TAG_KEY = /^[\w .:/=+@-]{1,128}$/
const CLAIM = /^[\w .:/=+@,#|~%-]{1,512}$/

export const exactEntity = (text: string | null): EntityArn | null =>
  text !== null && ENTITY.test(text) ? parseEntityArn(text) : null

export function exactRole(text: string | null): EntityArn | null {
  const arn = exactEntity(text)
  return arn?.kind === 'role' ? arn : null
}

export const isServiceName = (text: string): boolean => SERVICE.test(text)

/** True for a session tag key that is literal under `StringEquals`. */
export const isTagKey = (text: string): boolean => TAG_KEY.test(text)

/** True for a claim of an identity provider (`sub`, `aud`) without `*`, `?` and `$`: it is literal under every string operator. */
export const isExactClaim = (text: string): boolean => CLAIM.test(text)

export const isReserved = (arn: EntityArn): boolean => arn.path.startsWith('/aws-reserved/')
export const isServiceLinked = (arn: EntityArn): boolean => arn.path.startsWith('/aws-service-role/')
