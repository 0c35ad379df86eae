import { fingerprintOfKey, type KeyUse, type PublicKey } from './signature.ts'

export const publicKeyOf = (use: KeyUse, publicKey: string): PublicKey => ({
  keyId: fingerprintOfKey(publicKey),
  use,
  algorithm: 'ECDSA_SHA_256',
  publicKey,
})
