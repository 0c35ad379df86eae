import { describe, expect, it } from 'vitest'
import { keyRingSchema } from '../../../functions/domain/authority/key-ring.ts'
import { signatureSchema } from '../../../functions/domain/authority/statement.ts'

const KEY_ID = 'a1'.repeat(16)
const key = (more: object = {}) => ({
  ...{ keyId: KEY_ID, use: 'decisions', algorithm: 'ECDSA_SHA_256', publicKey: 'MFkw' },
  ...more,
})

describe('a ring of public keys', () => {
  it('has keys for decisions and for the audit log', () => {
    expect(keyRingSchema.safeParse([key(), key({ use: 'audit' })]).success).toBe(true)
  })

  it.each([{ use: 'other' }, { algorithm: 'RSA' }, { keyId: 'x' }, { publicKey: 'not base64!' }, { more: 1 }])(
    'has no key with %j',
    more => {
      expect(keyRingSchema.safeParse([key(more)]).success).toBe(false)
    },
  )
})

describe('a signature', () => {
  it('names its key', () => {
    expect(signatureSchema.safeParse({ keyId: KEY_ID, value: 'MEUC' }).success).toBe(true)
    expect(signatureSchema.safeParse({ keyId: KEY_ID.toUpperCase(), value: 'MEUC' }).success).toBe(false)
    expect(signatureSchema.safeParse({ keyId: KEY_ID, value: 'a b' }).success).toBe(false)
  })
})
