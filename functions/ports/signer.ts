import type { KeyRing, Signature } from '../domain/authority/statement.ts'

/** Signs with a private key that no other function may use. */
export interface Signer {
  sign(bytes: Buffer): Promise<Signature>
}

/** The public keys that verify signatures. Unreadable keys are a fault, never an empty list. */
export interface Keys {
  ring(): Promise<KeyRing>
}
