import { RolemedicError } from '../../../core/base/index.ts'

/** The commit at the end of a branch. */
export type BranchHead = { readonly commit: string; readonly message: string }

/** `id`: under which the host gives the content. `bytes`: null where the host's list does not say. */
export type HostFile = { readonly path: string; readonly id: string; readonly bytes: number | null }

export type HostPull = {
  readonly number: number
  readonly url: string
  readonly state: 'open' | 'merged' | 'closed'
  /** True: it cannot be merged as it is. Null: the host has not worked it out. */
  readonly conflicts: boolean | null
}

/** One repository on a Git host. Every method throws `HostError` alone. */
export interface CodeHost {
  /** Null: the repository has no such branch. */
  head(branch: string): Promise<BranchHead | null>
  /** All files of a commit. `complete`: false where the host cut the list. */
  files(commit: string): Promise<{ readonly files: readonly HostFile[]; readonly complete: boolean }>
  /** Null: it is not text, or not there. */
  text(file: HostFile, commit: string): Promise<string | null>
  /**
   * One commit on `base`, to a branch of ours: a new one, or one that still ends with `replaces`, which is replaced. A branch that
   * ends with anything else stays as it is: a conflict. Gives the new commit.
   */
  commit(change: {
    readonly branch: string
    readonly base: string
    readonly replaces: string | null
    readonly message: string
    readonly files: readonly { readonly path: string; readonly text: string }[]
  }): Promise<string>
  /** If it still ends with `commit`; otherwise it stays: a conflict. One that is gone already is no error. */
  deleteBranch(branch: string, commit: string): Promise<void>
  /** The newest pull request from this branch of the repository itself, in whatever state: none from a fork. */
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
  /** As CODEOWNERS writes them. Gives those who could not be asked. */
  askReviewers(number: number, owners: readonly string[]): Promise<readonly string[]>
}

export type CodeHosts = (place: { readonly host: string; readonly repository: string }) => CodeHost

export const HOST_PROBLEMS = [
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

/** Why the host did not do it. The message holds no secret and no more than a line of the host's own words. */
export class HostError extends RolemedicError {
  readonly problem: HostProblem
  /** How long the host wants to be left alone; null: it does not say. */
  readonly retryAfterMs: number | null
  /** Of the answer over HTTP; null: no answer came, or it is not the reason. */
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

/** It may work later, without anybody doing something. */
export const isTransient = ({ problem }: HostError): boolean =>
  problem === 'rate-limited' || problem === 'unavailable' || problem === 'conflict'
