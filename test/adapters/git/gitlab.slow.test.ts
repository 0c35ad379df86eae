import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { gitlabHost } from '../../../functions/adapters/gitlab/gitlab-host.ts'
import { type GitHost, startGitHost } from '../../../simulator/git-host/git-host.ts'
import { attack } from '../../attacks/attack.ts'
import { codeHostContract, FILES, ignoresForks, PROJECT } from '../../code-host-contract.ts'

let git: GitHost
const folder = mkdtempSync(join(tmpdir(), 'rolemedic-gitlab-'))
const MANY = Array.from({ length: 230 }, (_, n) => ({ path: `modules/m${n}/main.tf`, text: '#\n' }))

beforeAll(async () => {
  git = await startGitHost({
    folder,
    projects: [
      { name: PROJECT, files: FILES },
      { name: 'acme/platform/stacks', files: MANY },
      { name: 'acme/large', files: [{ path: 'plan.json', text: ' '.repeat(200_000) }] },
    ],
  })
})
afterAll(async () => {
  await git.close()
  rmSync(folder, { recursive: true })
})

const hostOf = (repository: string, token = git.token) =>
  gitlabHost({ repository }, { apiUrl: git.gitlabApiUrl, token: async () => token, clock: Date.now })

describe('GitLab', () => {
  codeHostContract({ git: () => git, host: () => hostOf(PROJECT), api: 'v4' })

  attack('G8', () => ignoresForks({ git: () => git, host: () => hostOf(PROJECT) }))

  it('reads a project of a subgroup, and a tree of several pages', async () => {
    const host = hostOf('acme/platform/stacks')
    const head = await host.head('main')
    expect((await host.files(head?.commit ?? '')).files).toHaveLength(230)
  })

  it('says of a project that is not there that it is not shown', async () => {
    await expect(hostOf('acme/other').head('main')).rejects.toMatchObject({ problem: 'missing' })
  })

  it('reads no more of a file than is of use, and says which setting to change', async () => {
    const head = await hostOf('acme/large').head('main')
    const file = { path: 'plan.json', id: '', bytes: null }
    const small = gitlabHost(
      { repository: 'acme/large' },
      { apiUrl: git.gitlabApiUrl, token: async () => git.token, clock: Date.now, maxAnswerBytes: 100_000 },
    )
    await expect(small.text(file, head?.commit ?? '')).rejects.toMatchObject({
      problem: 'invalid',
      message:
        'GitLab has a file that is too large to be read (97 KB at most): name the folders of this account in "paths"',
    })
    expect(await hostOf('acme/large').text(file, head?.commit ?? '')).toHaveLength(200_000)
  })

  it('says of a wrong token that it is not accepted', async () => {
    await expect(hostOf(PROJECT, 'glpat-wrong').head('main')).rejects.toMatchObject({ problem: 'unauthorized' })
  })
})
