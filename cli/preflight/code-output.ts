import { type CodeFormat, changeAs } from '../../functions/domain/patch/export/code.ts'
import type { PolicyChange } from '../../functions/domain/patch/patch.ts'

/** The required changes in the infrastructure language of the user. */
export function changesAsCode(changes: readonly PolicyChange[], format: CodeFormat): string {
  return changes
    .filter(({ required }) => required)
    .map(change => changeAs(format, change))
    .join('\n')
}
