/** Everything that can be checked of an audit log offline: the chain, the signatures, signed checkpoints of its end, and what `write` keeps. */
import type { KeyRing } from '../authority/index.ts'
import type { ChainHead, StoredRecord } from './audit-chain.ts'
import { checkCheckpoints, type SignedCheckpoint } from './checkpoint.ts'
import { type ChainCheck, type ChainFinding, readChain, verdict } from './verify-chain.ts'
import { checkLedger, type LedgerCheck, type LedgerToCheck } from './verify-ledger.ts'
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
  /** The objects beside the log. Absent: they are not checked. */
  readonly ledger?: LedgerToCheck
}

export type LogCheck = ChainCheck & {
  readonly signatures: SignatureCheck
  /** How many checkpoints the log was held against. */
  readonly checkpoints: number
  /** The objects of `write` beside the log. */
  readonly ledger: LedgerCheck
}

const NOT_READ: LedgerToCheck = { unread: 'they were not read' }

export function checkLog({ stored, head, findings, keys, checkpoints = [], ledger = NOT_READ }: LogToCheck): LogCheck {
  const { check, members } = readChain(stored, head, findings)
  const signatures = keys === null ? null : checkSignatures(members, keys)
  const beside = checkLedger(ledger, members, keys)
  const all = [
    ...check.findings,
    ...(signatures?.findings ?? []),
    ...checkCheckpoints(members, checkpoints, keys),
    ...beside.findings,
  ]
  return {
    ...check,
    ...verdict(all),
    signatures: signatures?.check ?? { checked: false },
    checkpoints: checkpoints.length,
    ledger: beside.check,
  }
}
