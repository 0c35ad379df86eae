import { type CodeFormat, changesAs, type PolicyChange } from '../../../core/patch/index.ts'

/** The required changes in the infrastructure language of the user. */
export const changesAsCode = (changes: readonly PolicyChange[], format: CodeFormat): string =>
  changesAs(
    format,
    changes.filter(({ required }) => required),
  )
