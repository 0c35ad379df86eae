import type { PolicyDocument } from './policy-document.ts'

/** True for `sts:ExternalId`. An external id is a secret of two companies: rolemedic compares it and never shows it. */
export const isSecretKey = (key: string): boolean => key.toLowerCase() === 'sts:externalid'

const HIDDEN = '(not shown)'
/** Shows that the secret changes: nobody should approve a change that they cannot see. */
const HIDDEN_NEW = '(not shown, new)'

/** Replaces secret values with a placeholder. Marks a value as new if `before` lacks it. */
export function withoutSecrets(document: PolicyDocument, before: PolicyDocument | null = null): PolicyDocument {
  const old = before === null ? null : new Set(secretsIn(before, false))
  return hidden(document, false, old) as PolicyDocument
}

function hidden(value: unknown, secret: boolean, old: ReadonlySet<unknown> | null): unknown {
  if (Array.isArray(value)) return value.map(item => hidden(item, secret, old))
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([key, member]) => [key, hidden(member, secret || isSecretKey(key), old)]),
    )
  if (!secret) return value
  return old === null || old.has(value) ? HIDDEN : HIDDEN_NEW
}

function secretsIn(value: unknown, secret: boolean): readonly unknown[] {
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([key, member]) => secretsIn(member, secret || isSecretKey(key)))
  return secret ? [value] : []
}
