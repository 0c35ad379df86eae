/** The content of a comment about the output of `diagnose --json`. */
import type { CodeFormat } from '../../../core/patch/index.ts'
import { repositoryFormat } from '../repository-format.ts'
import { inputName, type NamedText, type UseCaseWorld } from '../world.ts'
import { type DiagnosisJson, parseDiagnoses } from './parse-diagnoses.ts'

export type CommentQuestion = {
  /** The output of `diagnose --json`. */
  readonly given: NamedText
  /** The language of the repository. Null: detected from its files. */
  readonly format: CodeFormat | null
}

export type CommentAnswer = {
  readonly diagnoses: readonly DiagnosisJson[]
  /** Null: no changes as code. */
  readonly format: CodeFormat | null
}

/** Throws UsageError for any other text. */
export async function commentOn(
  { given, format }: CommentQuestion,
  world: Pick<UseCaseWorld, 'fileNames'>,
): Promise<CommentAnswer> {
  const diagnoses = parseDiagnoses(given.text, inputName(given))
  return { diagnoses, format: format ?? (await repositoryFormat(world)) }
}
