import { RolemedicError } from '../../../core/base/index.ts'

export type BranchHead = { readonly commit: string; readonly message: string }

/** `id`: the host's id of the content. `bytes`: null if the host does not list sizes. */
export type HostFile = { readonly path: string; readonly id: string; readonly bytes: number | null }

/** What Git keeps under a path: a file, a link or a submodule. */
export type HostEntry = { readonly path: string; readonly mode: string; readonly id: string }

export type HostPull = {
  readonly number: number
  readonly url: string
  readonly state: 'open' | 'merged' | 'closed'
  /** The branch that it is, or was, to be merged into: a person may choose another one. */
  readonly into: string
  /** True: the pull request cannot be merged as it is. Null: the host has not computed it. */
  readonly conflicts: boolean | null
}

/** One repository on a Git host. Every method throws only `HostError`. */
export interface CodeHost {
  /** Null: the repository has no such branch. */
  head(branch: string): Promise<BranchHead | null>
  /** All files of a commit. `entries`: with links and submodules. `complete`: false if the host truncated the list. */
  files(commit: string): Promise<{
    readonly files: readonly HostFile[]
    readonly entries: readonly HostEntry[]
    readonly complete: boolean
  }>
  /** Null: the file is not text, or does not exist. */
  text(file: HostFile, commit: string): Promise<string | null>
  /**
   * Creates one commit on `base` on a branch of rolemedic: a new branch, or one whose last commit is still `replaces`, which it
   * replaces. A branch with any other last commit stays unchanged, and this throws a conflict. Returns the new commit.
   */
  commit(change: {
    readonly branch: string
    readonly base: string
    readonly replaces: string | null
    readonly message: string
    readonly files: readonly { readonly path: string; readonly text: string }[]
  }): Promise<string>
  /** Deletes the branch if its last commit is still `commit`; otherwise throws a conflict. A branch that does not exist is no error. */
  deleteBranch(branch: string, commit: string): Promise<void>
  /** The newest pull request from this branch of the repository itself, in any state. Ignores forks. */
  pull(branch: string): Promise<HostPull | null>
  openPull(pull: {
    readonly branch: string
    readonly into: string
    readonly title: string
    readonly body: string
  }): Promise<HostPull>
  updatePull(number: number, content: { readonly title: string; readonly body: string }): Promise<void>
  closePull(number: number): Promise<void>
  comment(number: number, body: string): Promise<void>
  /** `owners` as in CODEOWNERS. Returns those who could not be asked. */
  askReviewers(number: number, owners: readonly string[]): Promise<readonly string[]>
}

export type CodeHosts = (place: { readonly host: string; readonly repository: string }) => CodeHost

const HOST_PROBLEMS = [
  'missing',
  'moved',
  'unauthorized',
  'forbidden',
  'protected',
  'conflict',
  'invalid',
  'rate-limited',
  'unavailable',
] as const
export type HostProblem = (typeof HOST_PROBLEMS)[number]

/** Why the host refused or failed. The message contains no secret and at most one line of the host's own text. */
export class HostError extends RolemedicError {
  readonly problem: HostProblem
  /** The wait that the host asks for. Null: it gives none. */
  readonly retryAfterMs: number | null
  /** The HTTP status. Null: there was no answer, or the status is not the reason. */
  readonly status: number | null

  constructor(
    problem: HostProblem,
    message: string,
    options: ErrorOptions & { readonly retryAfterMs?: number | null; readonly status?: number } = {},
  ) {
    super(`host-${problem}`, message, options)
    this.problem = problem
    this.retryAfterMs = options.retryAfterMs ?? null
    this.status = options.status ?? null
  }
}

/** True when a retry may succeed without anybody acting. */
export const isTransient = ({ problem }: HostError): boolean =>
  problem === 'rate-limited' || problem === 'unavailable' || problem === 'conflict'
