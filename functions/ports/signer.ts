import type { KeyRing, Signature } from '../domain/authority/index.ts'

/** Signs with a private key that nobody else may use. */
export interface Signer {
  sign(bytes: Buffer): Promise<Signature>
}

/** The public keys that signatures are verified with. Unreadable keys are a fault, never an empty ring. */
export interface Keys {
  ring(): Promise<KeyRing>
}
