import type { ExpectedChange } from '../../test/case-file.ts'
import type { CaseInput } from '../../test/case-run.ts'

export type Label = {
  /** Null: a mutation leaves no single cause. */
  readonly cause: string | null
  readonly verdict: string
  readonly changes: readonly ExpectedChange[]
  /** True when no change is also right, because a mutation hides something. */
  readonly mayRefuse: boolean
}

export type LabelledDenial = {
  readonly name: string
  readonly mutation: string
  readonly input: CaseInput
  readonly label: Label
}
