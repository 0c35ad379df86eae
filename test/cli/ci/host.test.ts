/** The job that a CI system describes in its environment. */
import { describe, expect, it } from 'vitest'
import { hostOf } from '../../../cli/ci/host.ts'
import { jobEventOf } from '../../../cli/ci/job-event.ts'
import type { FailedDeploy } from '../../../functions/domain/deploy/deploy.ts'
import { withAttempt } from '../../../functions/domain/deploy/deploy-attempts.ts'
import { deployKey } from '../../../functions/domain/deploy/deploy-round.ts'
import { parseDeployEvent } from '../../../functions/domain/deploy/tools/tools.ts'

// https://docs.gitlab.com/ci/variables/predefined_variables/
const GITLAB = {
  ...{ GITLAB_CI: 'true', CI_PROJECT_PATH: 'acme/orders', CI_COMMIT_REF_NAME: 'main' },
  ...{ CI_PIPELINE_ID: '77', CI_JOB_ID: '501', CI_JOB_NAME: 'deploy' },
}
const LOG =
  'User: arn:aws:iam::111122223333:user/ci is not authorized to perform: iam:PassRole on resource: arn:aws:iam::111122223333:role/orders'

/** As the bot reads what the job sends. */
async function failureOf(env: { readonly [name: string]: string }, leg: string | null = null): Promise<FailedDeploy> {
  const { job, runUrl } = await hostOf({ env, readFile: () => Promise.reject(new Error('no file')) }, leg)
  const detail = job === null ? null : jobEventOf(LOG, job, runUrl)
  const event = { source: 'rolemedic.job', 'detail-type': 'Job Failed', account: '111122223333', region: 'eu-west-1' }
  const read = parseDeployEvent({ ...event, time: '2026-11-24T10:00:00Z', resources: [], detail })
  if (read.kind !== 'failed') throw new Error(read.kind)
  return read.deploy
}

describe('a job of GitHub', () => {
  // https://docs.github.com/en/actions/reference/workflows-and-actions/variables
  const GITHUB = {
    ...{ GITHUB_ACTIONS: 'true', GITHUB_REPOSITORY: 'acme/orders', GITHUB_JOB: 'deploy', GITHUB_RUN_ID: '42' },
    ...{ GITHUB_RUN_ATTEMPT: '1', GITHUB_WORKFLOW_REF: 'acme/orders/.github/workflows/prod.yml@refs/heads/main' },
  }

  it('is another deploy than the job of that name in another workflow, and than another job of its matrix', async () => {
    const WORKFLOW = { GITHUB_WORKFLOW_REF: 'acme/orders/.github/workflows/dev.yml@refs/heads/main' }
    const all = [
      await failureOf(GITHUB),
      await failureOf({ ...GITHUB, ...WORKFLOW }),
      await failureOf(GITHUB, '0'),
      await failureOf(GITHUB, '1'),
    ]
    expect(new Set(all.map(deployKey)).size).toBe(4)
    expect(all[3]?.name).toBe('acme/orders/prod.yml/deploy/1 (github-actions)')
    expect(deployKey(await failureOf({ ...GITHUB, GITHUB_RUN_ATTEMPT: '2' }, '1'))).toBe(
      deployKey(await failureOf(GITHUB, '1')),
    )
  })
})

it('the key of a job cannot end the comment around it', async () => {
  const env = { GITLAB_CI: 'true', CI_JOB_NAME: 'deploy: [x --> @ada]' }
  const { jobKey } = await hostOf({ env, readFile: () => Promise.reject(new Error('no file')) })
  expect(jobKey).toBe('deploy-x-ada-')
})

it('the key of a job is its own in every language', async () => {
  const keyOf = async (CI_JOB_NAME: string) =>
    (await hostOf({ env: { GITLAB_CI: 'true', CI_JOB_NAME }, readFile: () => Promise.reject(new Error('no file')) }))
      .jobKey
  expect(await Promise.all(['本番 配備', '検証 配備'].map(keyOf))).toEqual(['本番-配備', '検証-配備'])
})

describe('a job of GitLab', () => {
  // A new job with another id, in the same pipeline: https://docs.gitlab.com/ci/jobs/#retry-jobs
  it('that is retried is another attempt of the same deploy', async () => {
    const [first, retried] = [await failureOf(GITLAB), await failureOf({ ...GITLAB, CI_JOB_ID: '502' })]
    expect(deployKey(retried)).toBe(deployKey(first))
    expect(withAttempt(withAttempt([], first), retried).map(({ id }) => id)).toEqual(['77-501', '77-502'])
  })

  it('is another deploy than another job of its pipeline', async () => {
    const other = await failureOf({ ...GITLAB, CI_JOB_ID: '503', CI_JOB_NAME: 'deploy-edge' })
    expect(deployKey(other)).not.toBe(deployKey(await failureOf(GITLAB)))
    expect(other.name).toBe('acme/orders/main/deploy-edge (gitlab)')
  })

  it('is known by less, too', async () => {
    const { job } = await hostOf({ env: { GITLAB_CI: 'true' }, readFile: () => Promise.reject(new Error('no file')) })
    expect(job).toBeNull()
  })
})
