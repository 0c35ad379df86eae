import { fail, type Refusal } from '../../base/index.ts'
import type { Denial } from '../../denial/index.ts'
import type { Diagnosis } from '../../diagnosis/index.ts'
import type { AccessSnapshot } from '../../iam/index.ts'
import type { Settings } from '../../settings/index.ts'

/** What every drafting step reads. */
export type DraftContext = {
  readonly denial: Denial
  readonly diagnosis: Diagnosis
  readonly snapshot: AccessSnapshot
  readonly config: Settings
  readonly withGetRole: boolean
  readonly nowMs: number
  /** The Sid of the statements that this draft adds. */
  readonly sid: string
  /** Sids of statements that the same change adds for other denials. */
  readonly joinable: ReadonlySet<string>
}

export const refuseDraft = (
  code: string,
  message: string,
  owner: string | null = null,
): { readonly ok: false; readonly error: Refusal } => fail({ code, message, owner })
