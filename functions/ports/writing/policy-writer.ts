import type { Read, Result } from '../../../core/base/result.ts'
import type { PolicyDocument } from '../../../core/iam/policy/policy-document.ts'
import type { Target } from '../../../core/patch/target.ts'

/** A refused write to IAM, in plain words. `retry`: the same call may succeed later. */
export type WriteFailure = { readonly code: string; readonly message: string; readonly retry: boolean }

/** Codes of failures: there is no such entity or policy. */
export const GONE = /^(NoSuchEntity|ResourceNotFound)/

/** What IAM accepted. `notes`: side effects. `stillRuns`: Identity Center goes on with it, and may fail later. */
export type WriteAnswer = Readonly<{ requestIds: readonly string[]; notes?: readonly string[]; stillRuns?: boolean }>

export interface DocumentReader {
  /** The document as IAM has it now. */
  read(target: Target): Promise<Read<PolicyDocument>>
}

/** The only port that changes IAM. Used by `write` alone. */
export interface PolicyWriter extends DocumentReader {
  /** Writes the whole document, or (null) deletes the inline policy. After an exception it is unknown whether the write happened. */
  write(target: Target, document: PolicyDocument | null): Promise<Result<WriteAnswer, WriteFailure>>
}
