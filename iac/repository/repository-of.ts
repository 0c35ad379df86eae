/** Which repository has the code of a role or user, by the configuration. */
import { matchesGlob } from '../../core/iam/index.ts'
import type { Target } from '../../core/patch/index.ts'
import type { CodeKind } from './code-kinds.ts'

export type Repository = {
  readonly host: string
  /** `owner/name`; on GitLab, with the parent groups. */
  readonly repository: string
  /** The target branch of pull requests. */
  readonly branch: string
  /** Globs of the files that may be read and edited. */
  readonly paths: readonly string[]
  readonly kind: CodeKind
}

export type Tags = { readonly [key: string]: string }

/** The repository for some roles and users. Every matcher that is set must match. */
export type RepositoryEntry = Repository & {
  readonly account?: string | undefined
  /** A glob of ARNs of roles and users. */
  readonly principal?: string | undefined
  /** A glob of stack names. */
  readonly stack?: string | undefined
  readonly tags?: Tags | undefined
}

export type Repositories = { readonly repositories: readonly RepositoryEntry[] }

const STACK_TAG = 'aws:cloudformation:stack-name'

/** The first entry whose matchers all match. Null: none. `stack`: the stack, if it is known without the tag. */
export function repositoryOf(
  { repositories }: Repositories,
  target: Pick<Target, 'accountId' | 'arn'>,
  tags: Tags,
  stack: string | null = null,
): Repository | null {
  const stackName = tags[STACK_TAG] ?? stack
  const entry = repositories.find(
    one =>
      (one.account === undefined || one.account === target.accountId) &&
      (one.principal === undefined || matchesGlob(one.principal, target.arn)) &&
      (one.stack === undefined || (stackName !== null && matchesGlob(one.stack, stackName))) &&
      Object.entries(one.tags ?? {}).every(([key, value]) => hasTag(tags, key, value)),
  )
  if (entry === undefined) return null
  const { host, repository, branch, paths, kind } = entry
  return { host, repository, branch, paths, kind }
}

const hasTag = (tags: Tags, key: string, value: string): boolean =>
  Object.hasOwn(tags, key) && matchesGlob(value, tags[key] ?? '')

/** True when the current configuration has this repository. Used for stored and sent data. */
export function isConfigured({ repositories }: Repositories, asked: Repository): boolean {
  return repositories.some(
    ({ host, repository, branch, paths, kind }) =>
      host === asked.host &&
      repository === asked.repository &&
      branch === asked.branch &&
      kind === asked.kind &&
      paths.length === asked.paths.length &&
      paths.every((path, index) => path === asked.paths[index]),
  )
}
