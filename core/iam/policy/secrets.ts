import type { PolicyDocument } from './policy-document.ts'

/** An external id is a secret shared by two companies: compared, never shown. */
export const isSecretKey = (key: string): boolean => key.toLowerCase() === 'sts:externalid'

const HIDDEN = '(not shown)'
/** A change of the secret is visible: nobody approves an invisible change. */
const HIDDEN_NEW = '(not shown, new)'

/** Hides secret values. A value that is not in `before` is marked as new. */
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
