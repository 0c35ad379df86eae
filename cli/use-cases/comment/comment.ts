/** The content of a comment about the output of `diagnose --json`. */
import type { CodeFormat } from '../../../core/patch/index.ts'
import { repositoryFormat } from '../repository-format.ts'
import { inputName, type NamedText, type UseCaseWorld } from '../world.ts'
import { type DiagnosisJson, type HintJson, parseDiagnoses } from './parse-diagnoses.ts'

export type CommentQuestion = {
  /** The output of `diagnose --json`. */
  readonly given: NamedText
  /** The language of the repository. Null: detected from its files. */
  readonly format: CodeFormat | null
}

export type CommentAnswer = {
  readonly diagnoses: readonly DiagnosisJson[]
  readonly hints: readonly HintJson[]
  /** Null: no changes as code. */
  readonly format: CodeFormat | null
}

/** Throws UsageError for any other text. */
export async function commentOn(
  { given, format }: CommentQuestion,
  world: Pick<UseCaseWorld, 'fileNames'>,
): Promise<CommentAnswer> {
  return { ...parseDiagnoses(given.text, inputName(given)), format: format ?? (await repositoryFormat(world)) }
}
