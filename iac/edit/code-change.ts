import type { CodeFormat } from '../../core/patch/index.ts'
import type { CodeKind } from '../repository/index.ts'

/** `path` is relative to the root of the repository and uses `/`. */
export type SourceFile = {
  readonly path: string
  readonly text: string
  /** Several paths lead to the text, through links: it is read and not edited. */
  readonly isLinked?: true
}

/** One edited file with its whole text. */
export type CodeEdit = {
  readonly file: string
  readonly kind: CodeKind
  /** `aws_iam_role.task`, a logical id, or a construct path. */
  readonly address: string
  readonly before: string
  readonly after: string
}

/**
 * `exact`: the edit was parsed again and equals the patch. `present`: the code already grants it. `draft`: nothing is edited,
 * and the reason says what to do.
 */
export type CodeChange =
  | { readonly outcome: 'exact'; readonly edits: readonly CodeEdit[] }
  | { readonly outcome: 'present'; readonly reason: string }
  | CodeDraft
export type CodeDraft = { readonly outcome: 'draft'; readonly snippet: string | null; readonly reason: string }

/** What tags, templates and the configuration say about where an entity is defined. They narrow the search and never decide it. */
export type EntityHints = {
  readonly stackName: string | null
  readonly logicalId: string | null
  /** `aws:cdk:path`, such as `OrdersStack/TaskRole/Resource`. */
  readonly constructPath: string | null
  /** The file in Yor's tag `git_file`. */
  readonly file: string | null
}

export type CodeHints = {
  /** The kind of code by the configuration. Null: detected from the files. */
  readonly kind: CodeKind | null
  /** Keyed by the ARN of the role, user or managed policy. */
  readonly entities: ReadonlyMap<string, EntityHints>
}

/** Code that exists and was not read. It may make the same role or decide a value. */
export type LeftOut = {
  readonly paths: readonly string[]
  /** Folders whose files are not listed. */
  readonly folders?: readonly string[]
  /** True when the list of files is incomplete. */
  readonly isCut: boolean
}

export const NOTHING_LEFT_OUT: LeftOut = { paths: [], isCut: false }
export const NO_CODE_HINTS: CodeHints = { kind: null, entities: new Map() }
export const NO_ENTITY_HINTS: EntityHints = { stackName: null, logicalId: null, constructPath: null, file: null }

/**
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-resource-tags.html ·
 * https://yor.io/2.Using%20Yor/tags.html
 */
export function hintsFromTags(tags: { readonly [key: string]: string }): EntityHints {
  const tag = (key: string): string | null => (Object.hasOwn(tags, key) ? (tags[key] ?? null) : null)
  return {
    stackName: tag('aws:cloudformation:stack-name'),
    logicalId: tag('aws:cloudformation:logical-id'),
    constructPath: tag('aws:cdk:path'),
    file: tag('git_file'),
  }
}

export function snippetFormat(kind: CodeKind): CodeFormat {
  switch (kind) {
    case 'terraform':
      return 'terraform'
    case 'cloudformation':
    case 'sam':
      return 'cloudformation'
    case 'cdk-typescript':
    case 'cdk-python':
      return 'cdk'
  }
}
