import type { PolicyChange } from '../../../core/patch/index.ts'
import type { CodeChange } from '../../../iac/edit/index.ts'
import type { PatchCodeOutput } from '../../outputs/patch-code.ts'
import { patchOutput } from '../diagnosis/json-output.ts'
import { unifiedDiff } from './unified-diff.ts'

export function patchCodeOutput(change: CodeChange, changes: readonly PolicyChange[]): PatchCodeOutput {
  const isExact = change.outcome === 'exact'
  return {
    schema: 'rolemedic.patch-code/1',
    outcome: change.outcome,
    edits: isExact
      ? change.edits.map(edit => ({ file: edit.file, kind: edit.kind, diff: unifiedDiff(edit), address: edit.address }))
      : [],
    snippet: change.outcome === 'draft' ? change.snippet : null,
    reason: isExact ? null : change.reason,
    patches: changes.map(patchOutput),
  }
}
