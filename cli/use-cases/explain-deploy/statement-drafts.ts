/** The statements that a deploy lacks for other actions, as drafts for the code that owns each principal. Nothing is edited. */
import { inlinePolicyOf, type SuggestedStatement } from '../../../core/published-actions/index.ts'
import { NO_CODE_HINTS, type SourceFile, suggestCode } from '../../../iac/edit/index.ts'
import { readRepository } from '../patch-code/repository.ts'
import type { UseCaseWorld } from '../world.ts'
import type { ExplainDeployQuestion } from './question.ts'

/** A statement that is valid by what AWS publishes, and who lacks it. */
export type LackedStatement = { readonly principal: string; readonly statement: SuggestedStatement }

/** Its texts come from the code. */
export type StatementDraft = {
  /** The ARN of the role or user. */
  readonly principal: string
  /** Which code it belongs to, or why that is not certain. */
  readonly reason: string
  readonly snippet: string
}

const TEMPLATE = /\.(?:ya?ml|json|template)$/i

/** All statements of one principal are one draft, whatever its sessions. Empty without code. */
export async function statementDrafts(
  lacked: readonly LackedStatement[],
  { code = null, sources }: Pick<ExplainDeployQuestion, 'code' | 'sources'>,
  world: Pick<UseCaseWorld, 'readFile'>,
): Promise<readonly StatementDraft[]> {
  const owners = new Map<string, LackedStatement[]>()
  for (const one of lacked) {
    const arn = inlinePolicyOf(one.principal)?.arn
    if (arn !== undefined) owners.set(arn, [...(owners.get(arn) ?? []), one])
  }
  if (owners.size === 0 || (code === null && sources.length === 0)) return []
  const files = code === null ? await templates(sources, world) : (await readRepository(code)).files
  if (files.length === 0) return []
  const { loadParsers } = await import('../../../functions/adapters/syntax/index.ts')
  const parsers = await loadParsers()
  return [...owners].flatMap(([principal, statements]) => {
    const [first] = statements
    const named = first === undefined ? principal : first.principal
    const draft = suggestCode(
      named,
      statements.map(one => one.statement),
      files,
      NO_CODE_HINTS,
      parsers,
    )
    return draft?.snippet == null ? [] : [{ principal, reason: draft.reason, snippet: draft.snippet }]
  })
}

/** What was deployed, where it is a template. A folder or a plan is none, and was read before. */
async function templates(
  sources: readonly string[],
  { readFile }: Pick<UseCaseWorld, 'readFile'>,
): Promise<readonly SourceFile[]> {
  const files: SourceFile[] = []
  for (const path of sources.filter(name => TEMPLATE.test(name))) files.push({ path, text: await readFile(path) })
  return files
}
