/** The CI system that runs the job: where the result goes. */

import { randomBytes } from 'node:crypto'
import { appendFile } from 'node:fs/promises'
import { linkableUrl } from '../../core/base/index.ts'
import type { Io, Streams } from '../io.ts'
import type { Comments } from './comments.ts'
import { githubComments } from './github.ts'
import { gitlabComments } from './gitlab.ts'
import type { CiJob } from './job-event.ts'

export type Host = {
  readonly name: string
  /** Null: there is no pull request or no token. */
  readonly comments: Comments | null
  readonly why: string
  /** Tells the comments of this job from those of the other jobs of a pull request. Null: nothing does. */
  readonly jobKey: string | null
  /** A link to the run, for the comment. */
  readonly runUrl: string | null
  /** Null: no CI system that is known. */
  readonly job: CiJob | null
  summary(markdown: string): Promise<void>
  output(name: string, value: string): Promise<void>
  /** Prints text of logs, so that the runner does not execute commands in it. */
  print(text: string, to: Streams): void
}

const NOWHERE: Omit<Host, 'name' | 'why'> = {
  comments: null,
  jobKey: null,
  runUrl: null,
  job: null,
  summary: async () => {},
  output: async () => {},
  print: (text, { out }) => out(text),
}

/** `leg`: which one of the jobs of a matrix this is. */
export async function hostOf(io: Pick<Io, 'env' | 'readFile'>, leg: string | null = null): Promise<Host> {
  const { env } = io
  if (env['GITHUB_ACTIONS'] === 'true') return githubHost(io, leg)
  if (env['GITLAB_CI'] === 'true') {
    const comments = gitlabComments(env)
    return {
      ...NOWHERE,
      name: 'GitLab',
      comments,
      jobKey: keyOf([env['CI_JOB_NAME']]),
      why: 'not a merge request, or ROLEMEDIC_COMMENT_TOKEN is not set',
      runUrl: linkableUrl(env['CI_PIPELINE_URL']),
      // A retry keeps the pipeline and gets another job id: https://docs.gitlab.com/ci/jobs/#retry-jobs
      job: jobOf(
        'gitlab',
        [env['CI_PROJECT_PATH'], env['CI_COMMIT_REF_NAME'], env['CI_JOB_NAME']],
        joined('-', [env['CI_PIPELINE_ID'], env['CI_JOB_ID']]),
      ),
    }
  }
  return { ...NOWHERE, name: 'no CI system', why: 'this is no job of GitHub Actions or GitLab CI' }
}

/** The same name for every attempt. */
function jobOf(tool: string, names: readonly (string | undefined)[], run: string): CiJob | null {
  const name = joined('/', names)
  return name === '' ? null : { tool, name, run: run === '' ? null : run }
}

const joined = (between: string, parts: readonly (string | undefined)[]): string =>
  parts.filter(part => part !== undefined && part !== '').join(between)

/** Null without a part. Holds no `-->`. */
function keyOf(parts: readonly (string | null | undefined)[]): string | null {
  const given = parts.map(part => (part ?? '').replaceAll(/[^\p{L}\p{M}\p{N}_.]+/gu, '-')).filter(part => part !== '')
  return given.length === 0 ? null : given.join('/').slice(0, MAX_KEY_CHARS)
}

const MAX_KEY_CHARS = 200

/** https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands */
async function githubHost({ env, readFile }: Pick<Io, 'env' | 'readFile'>, leg: string | null): Promise<Host> {
  const append = async (file: string | undefined, text: string) => {
    if (file !== undefined && file !== '') await appendFile(file, text)
  }
  // owner/name/.github/workflows/deploy.yml@refs/heads/main: https://docs.github.com/en/actions/reference/workflows-and-actions/variables
  const workflow = /([^/]+)@/.exec(env['GITHUB_WORKFLOW_REF'] ?? '')?.[1]
  const jobNames = [workflow, env['GITHUB_JOB'], leg ?? undefined]
  const server = env['GITHUB_SERVER_URL']?.replace(/\/+$/, '')
  return {
    name: 'GitHub',
    comments: await githubComments(env, readFile),
    jobKey: keyOf(jobNames),
    why: 'not a pull request, or no token',
    runUrl: linkableUrl(`${server}/${env['GITHUB_REPOSITORY']}/actions/runs/${env['GITHUB_RUN_ID']}`),
    job: jobOf(
      'github-actions',
      [env['GITHUB_REPOSITORY'], ...jobNames],
      joined('-', [env['GITHUB_RUN_ID'], env['GITHUB_RUN_ATTEMPT']]),
    ),
    summary: markdown => append(env['GITHUB_STEP_SUMMARY'], `${markdown}\n`),
    output(name, value) {
      // Unguessable, so that no text of a log can end the value.
      const end = `end-${randomBytes(16).toString('hex')}`
      return append(env['GITHUB_OUTPUT'], `${name}<<${end}\n${value}\n${end}\n`)
    },
    print(text, { data }) {
      const token = randomBytes(16).toString('hex')
      data(`::stop-commands::${token}\n${text.trimEnd()}\n::${token}::\n`)
    },
  }
}
