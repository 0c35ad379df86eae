import type { Result } from '../../core/base/index.ts'
import type { CodeKind } from '../repository/index.ts'
import type { SourceFile } from './code-change.ts'

/** All files after one change, or why the change is a draft. */
export type KindEdit =
  /** Code of this kind does not make the entity. `broken`: files that could not be read and may make it. */
  | { readonly found: false; readonly broken: readonly string[] }
  | { readonly found: true; readonly result: Result<Edited, string> }

/** Where code of one kind makes an entity. */
export type CodeOwner = { readonly kind: CodeKind; readonly address: string; readonly file: string }

export type Edited = {
  readonly files: readonly SourceFile[]
  readonly kind: CodeKind
  readonly address: string
  /** Files of this kind that could not be read. */
  readonly broken: readonly string[]
  /** Where the code already grants the change, with unchanged `files`. Null: the code was edited. */
  readonly present: readonly string[] | null
}
