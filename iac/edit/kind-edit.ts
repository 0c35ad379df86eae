import type { Result } from '../../core/base/index.ts'
import type { CodeKind } from '../repository/index.ts'
import type { SourceFile } from './code-change.ts'

/** All files after one change, or why it is a draft. */
export type KindEdit =
  /** This kind of code does not make the entity. `broken`: files that could not be read, which may. */
  | { readonly found: false; readonly broken: readonly string[] }
  | { readonly found: true; readonly result: Result<Edited, string> }

export type Edited = {
  readonly files: readonly SourceFile[]
  readonly kind: CodeKind
  readonly address: string
  /** Files of this kind that could not be read. */
  readonly broken: readonly string[]
  /** Where the code grants the change already, and `files` are as they were; null where it is edited. */
  readonly present: readonly string[] | null
}
