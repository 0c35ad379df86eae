import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { githubHost } from '../../../functions/adapters/github/github-host.ts'
import { githubRequests } from '../../../functions/adapters/github/github-requests.ts'
import { type GitHost, startGitHost } from '../../../simulator/git-host/git-host.ts'
import { codeHostContract, FILES, PROJECT } from '../../code-host-contract.ts'

let git: GitHost
const folder = mkdtempSync(join(tmpdir(), 'rolemedic-github-'))
const requests = () =>
  githubRequests({ apiUrl: git.githubApiUrl, credentials: async () => git.credentials, clock: Date.now })

beforeAll(async () => {
  git = await startGitHost({ folder, projects: [{ name: PROJECT, files: FILES }] })
})
afterAll(async () => {
  await git.close()
  rmSync(folder, { recursive: true })
})

describe('GitHub', () => {
  let host: ReturnType<typeof githubHost> | null = null
  codeHostContract({
    git: () => git,
    host: () => {
      host ??= githubHost({ repository: PROJECT }, requests())
      return host
    },
    api: 'v3',
  })

  it('takes one token for one repository', async () => {
    const before = git.requests().length
    const fresh = githubHost({ repository: PROJECT }, requests())
    await fresh.head('main')
    await fresh.head('main')
    const asked = git.requests().slice(before)
    expect(asked.filter(one => one.endsWith('/access_tokens'))).toHaveLength(1)
  })

  it('says of a repository without the app that it is not shown', async () => {
    await expect(githubHost({ repository: 'acme/other' }, requests()).head('main')).rejects.toMatchObject({
      problem: 'missing',
    })
  })

  it('says of a wrong key that it is not accepted', async () => {
    const other = await startGitHost({ folder: join(folder, 'other'), projects: [] })
    const credentials = async () => other.credentials
    await other.close()
    const wrong = githubRequests({ apiUrl: git.githubApiUrl, credentials, clock: Date.now })
    await expect(githubHost({ repository: PROJECT }, wrong).head('main')).rejects.toMatchObject({
      problem: 'unauthorized',
    })
  })

  it('says of a host that does not answer that it does not', async () => {
    const gone = githubRequests({
      apiUrl: 'http://127.0.0.1:9',
      credentials: async () => git.credentials,
      clock: Date.now,
    })
    await expect(githubHost({ repository: PROJECT }, gone).head('main')).rejects.toMatchObject({
      problem: 'unavailable',
    })
  })
})
