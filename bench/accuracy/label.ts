import type { ExpectedChange } from '../../test/case-file.ts'
import type { CaseInput } from '../../test/case-run.ts'

export type Label = {
  /** Null: what was taken away leaves no one cause. */
  readonly cause: string | null
  readonly verdict: string
  readonly changes: readonly ExpectedChange[]
  /** Also right: no change at all, because something was hidden. */
  readonly mayRefuse: boolean
}

export type LabelledDenial = {
  readonly name: string
  readonly mutation: string
  readonly input: CaseInput
  readonly label: Label
}
