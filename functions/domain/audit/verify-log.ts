/** Everything that can be checked of an audit log offline: the chain, the signatures, and signed checkpoints of its end. */
import type { KeyRing } from '../authority/index.ts'
import type { ChainHead, StoredRecord } from './audit-chain.ts'
import { checkCheckpoints, type SignedCheckpoint } from './checkpoint.ts'
import { type ChainCheck, type ChainFinding, readChain, verdict } from './verify-chain.ts'
import { checkSignatures, type SignatureCheck } from './verify-signatures.ts'

export type LogToCheck = {
  /** In any order. */
  readonly stored: readonly StoredRecord[]
  readonly head: ChainHead | null
  /** What was found wrong with the head. */
  readonly findings: readonly ChainFinding[]
  /** Null: signatures are not checked. */
  readonly keys: KeyRing | null
  readonly checkpoints?: readonly SignedCheckpoint[]
}

export type LogCheck = ChainCheck & {
  readonly signatures: SignatureCheck
  /** How many checkpoints the log was held against. */
  readonly checkpoints: number
}

export function checkLog({ stored, head, findings, keys, checkpoints = [] }: LogToCheck): LogCheck {
  const { check, members } = readChain(stored, head, findings)
  const signatures = keys === null ? null : checkSignatures(members, keys)
  const all = [...check.findings, ...(signatures?.findings ?? []), ...checkCheckpoints(members, checkpoints, keys)]
  return {
    ...check,
    ...verdict(all),
    signatures: signatures?.check ?? { checked: false },
    checkpoints: checkpoints.length,
  }
}
