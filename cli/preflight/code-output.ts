import { type CodeFormat, changesAs } from '../../functions/domain/patch/export/code.ts'
import type { PolicyChange } from '../../functions/domain/patch/patch.ts'

/** The required changes in the infrastructure language of the user. */
export const changesAsCode = (changes: readonly PolicyChange[], format: CodeFormat): string =>
  changesAs(
    format,
    changes.filter(({ required }) => required),
  )
