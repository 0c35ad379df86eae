/** What the code of a principal would need for other actions. Always a draft: rolemedic edits code for its own actions alone. */
import { neutralText, type Result } from '../../core/base/index.ts'
import type { Target } from '../../core/patch/index.ts'
import { inlinePolicyOf, type SuggestedStatement, suggestedPolicyAs } from '../../core/published-actions/index.ts'
import type { CodeKind } from '../repository/index.ts'
import { ownerInCdk } from './cdk/edit-cdk.ts'
import { ownerInTemplates } from './cloudformation/edit-cloudformation.ts'
import { type CodeDraft, type CodeHints, NO_ENTITY_HINTS, type SourceFile, snippetFormat } from './code-change.ts'
import { codeKindOf, MAX_CHARS, MAX_FILES } from './edit-code.ts'
import type { CodeOwner } from './kind-edit.ts'
import type { Parsers } from './syntax-node.ts'
import { ownerInTerraform } from './terraform/edit-terraform.ts'

const FINDERS: readonly ((...given: FinderInput) => Result<CodeOwner, string> | null)[] = [
  (target, files, hints, parsers) => ownerInTerraform(target, files, hintsFor(target, hints), parsers),
  (target, files, hints) => ownerInTemplates(target, files, hintsFor(target, hints)),
  (target, files, hints, parsers) => ownerInCdk('typescript', target, files, hintsFor(target, hints), parsers),
  (target, files, hints, parsers) => ownerInCdk('python', target, files, hintsFor(target, hints), parsers),
]
type FinderInput = [target: Target, files: readonly SourceFile[], hints: CodeHints, parsers: Parsers]

const hintsFor = ({ arn }: Target, { entities }: CodeHints) => entities.get(arn) ?? NO_ENTITY_HINTS

/**
 * The statements of one principal as a snippet, and which code they belong to. Null: there is no statement, or the principal is
 * no role or user with code of its own.
 */
export function suggestCode(
  principal: string,
  statements: readonly SuggestedStatement[],
  files: readonly SourceFile[],
  hints: CodeHints,
  parsers: Parsers,
): CodeDraft | null {
  const target = inlinePolicyOf(principal)
  if (target === null || statements.length === 0) return null
  const read = files.filter(({ text }) => text.length <= MAX_CHARS).slice(0, MAX_FILES)
  const found = FINDERS.flatMap(find => find(target, read, hints, parsers) ?? [])
  const owners = found.flatMap(one => (one.ok ? [one.value] : []))
  const [only, ...others] = owners
  const kind = only?.kind ?? hints.kind ?? codeKindOf(files) ?? 'terraform'
  return {
    outcome: 'draft',
    snippet: snippetOf(kind, target, statements),
    reason: neutralText(reasonOf(target, only ?? null, [...others], found), 1_000),
  }
}

function reasonOf(
  { name }: Target,
  only: CodeOwner | null,
  others: readonly CodeOwner[],
  found: readonly Result<CodeOwner, string>[],
): string {
  const placed = (one: CodeOwner) => `${one.address} (${one.file})`
  if (only !== null && others.length === 0)
    return `rolemedic edits code for its own actions alone: add the snippet for ${placed(only)}.`
  if (only !== null)
    return `${[only, ...others].map(placed).join(' and ')} could each make ${name}: add the snippet to one.`
  const [unsure] = found.flatMap(one => (one.ok ? [] : [one.error]))
  return unsure === undefined ? `No code here makes ${name}: add the snippet to the code that does.` : `${unsure}.`
}

function snippetOf(kind: CodeKind, target: Target, statements: readonly SuggestedStatement[]): string {
  if (kind !== 'cdk-python') return suggestedPolicyAs(snippetFormat(kind), target, statements)
  const owner = target.kind === 'user-inline-policy' ? 'user' : 'role'
  return statements
    .map(
      ({ suggestedAction, suggestedResource }) =>
        `${owner}.add_to_policy(iam.PolicyStatement(actions=[${JSON.stringify(suggestedAction)}], resources=[${JSON.stringify(suggestedResource)}]))\n`,
    )
    .join('')
}
