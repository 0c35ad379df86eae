import type { Read, Result } from '../../../core/base/index.ts'
import type { PolicyDocument } from '../../../core/iam/index.ts'
import type { Target } from '../../../core/patch/index.ts'
import type { WriterSession } from '../../domain/proposal/index.ts'

/** A write to IAM that was refused, in plain words. `retry` says whether the same call may succeed later. */
export type WriteFailure = { readonly code: string; readonly message: string; readonly retry: boolean }

/** A writer in the name of the person who approved the change, for that change alone. */
export type PolicyWriters = (session: WriterSession) => PolicyWriter

/** The only port that changes IAM. Used by `apply` alone. */
export interface PolicyWriter {
  /** The document as IAM has it now. */
  read(target: Target): Promise<Read<PolicyDocument>>
  /**
   * Writes the whole document, or deletes the inline policy when `document` is null. Gives AWS's request ids, and as
   * `notes` what else had to be done for it. An exception: it is not known whether the write happened.
   */
  write(
    target: Target,
    document: PolicyDocument | null,
  ): Promise<Result<{ readonly requestIds: readonly string[]; readonly notes?: readonly string[] }, WriteFailure>>
}
