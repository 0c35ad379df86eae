/** The change as an edit of the code that owns the role. Exact, or a draft with the reason: never a guess. */
import { changesAs } from '../patch/export/code.ts'
import type { PolicyChange } from '../patch/patch.ts'
import { type CodeChange, type CodeHints, type CodeKind, type SourceFile, snippetFormat } from './code-change.ts'
import type { Parsers } from './syntax-node.ts'

/** `changes`: those of one patch that this repository owns. All of them become edits, or none. */
export function editCode(
  changes: readonly PolicyChange[],
  files: readonly SourceFile[],
  hints: CodeHints,
  _parsers: Parsers,
): CodeChange {
  const kind = hints.kind ?? kindOf(files)
  return {
    outcome: 'draft',
    snippet: changesAs(snippetFormat(kind ?? 'terraform'), changes),
    reason:
      kind === null
        ? 'The folder has no Terraform, CloudFormation, SAM or CDK code that rolemedic reads.'
        : `rolemedic does not edit ${kind} yet: add the snippet to the code of ${names(changes)}.`,
  }
}

const names = (changes: readonly PolicyChange[]): string =>
  [...new Set(changes.map(({ target }) => target.name))].join(', ')

function kindOf(files: readonly SourceFile[]): CodeKind | null {
  const has = (pattern: RegExp) => files.some(({ path }) => pattern.test(path))
  if (has(/\.tf$/)) return 'terraform'
  if (has(/(^|\/)cdk\.json$/)) return has(/\.py$/) ? 'cdk-python' : 'cdk-typescript'
  return has(/\.(ya?ml|json|template)$/) ? 'cloudformation' : null
}
