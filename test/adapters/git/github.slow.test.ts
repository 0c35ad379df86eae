import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { githubHost } from '../../../functions/adapters/github/github-host.ts'
import { githubRequests } from '../../../functions/adapters/github/github-requests.ts'
import { type GitHost, startGitHost } from '../../../simulator/git-host/git-host.ts'
import { attack } from '../../attacks/attack.ts'
import { codeHostContract, FILES, ignoresForks, PROJECT } from '../../code-host-contract.ts'

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

  attack('G7', () => ignoresForks({ git: () => git, host: () => githubHost({ repository: PROJECT }, requests()) }))

  it('takes one token for one repository', async () => {
    const before = git.requests().length
    const fresh = githubHost({ repository: PROJECT }, requests())
    await fresh.head('main')
    await fresh.head('main')
    const asked = git.requests().slice(before)
    expect(asked.filter(one => one.endsWith('/access_tokens'))).toHaveLength(1)
  })

  it('reads no answer of more than it takes', async () => {
    const few = githubRequests({
      ...{ apiUrl: git.githubApiUrl, credentials: async () => git.credentials, clock: Date.now },
      maxAnswerBytes: 2_000,
    })
    const { push } = git.project(PROJECT)
    const files = Array.from({ length: 50 }, (_, at) => ({ path: `many/${at}.tf`, text: String(at) }))
    const base = await push('many', files, 'many files')
    await expect(githubHost({ repository: PROJECT }, few).files(base)).rejects.toThrow('too large to be read')
    await git.project(PROJECT).git.deleteBranch('many')
  })

  it('keeps the mode of a file that it edits', async () => {
    const { git: repository, push } = git.project(PROJECT)
    const base = await push('modes', [{ path: 'bin/app.ts', text: 'new App()', mode: '100755' }], 'an executable file')
    const host = githubHost({ repository: PROJECT }, requests())
    await host.files(base)
    const files = [
      { path: 'bin/app.ts', text: 'new App({})' },
      { path: 'new.tf', text: '' },
    ]
    const made = await host.commit({ branch: 'rolemedic/modes0000', base, replaces: null, message: 'edit', files })
    const modes = (await repository.tree(made)).map(({ path, mode }) => [path, mode])
    expect(modes).toContainEqual(['bin/app.ts', '100755'])
    expect(modes).toContainEqual(['new.tf', '100644'])
    await repository.deleteBranch('rolemedic/modes0000')
    await repository.deleteBranch('modes')
  })

  it('says of a repository without the app that it is not shown', async () => {
    await expect(githubHost({ repository: 'acme/other' }, requests()).head('main')).rejects.toMatchObject({
      problem: 'missing',
    })
  })

  describe('replacing the commit of a branch', () => {
    const branch = 'rolemedic/replaced00'
    const MUTATION = /^POST \/api\/graphql$/
    const hosted = () => githubHost({ repository: PROJECT }, requests())
    const byPerson = () => git.project(PROJECT).push(branch, [{ path: 'main.tf', text: '# theirs\n' }], 'theirs')
    const refusing = (error: object, headers = {}) =>
      git.failNext(MUTATION, { status: 200, body: { data: { updateRefs: null }, errors: [error] }, headers })
    async function ready() {
      const { git: repository } = git.project(PROJECT)
      const base = (await repository.head('main')) ?? ''
      await repository.setBranch(branch, base)
      const ours = await git.project(PROJECT).push(branch, [{ path: 'main.tf', text: '# ours\n' }], 'ours')
      const change = { branch, base, replaces: ours, message: 'next', files: [{ path: 'main.tf', text: '# next\n' }] }
      return { ours, change, host: hosted(), end: () => repository.head(branch) }
    }

    it('keeps what a person pushes between the last look and the write', async () => {
      const { host, change, end, ours } = await ready()
      let theirs = ''
      git.beforeNext(MUTATION, async () => {
        theirs = await byPerson()
      })
      await expect(host.commit(change)).rejects.toMatchObject({ problem: 'conflict' })
      expect(await end()).toBe(theirs)
      expect(theirs).not.toBe(ours)
    })

    it('keeps what a person pushes between the last look and the deletion', async () => {
      const { host, end, ours } = await ready()
      let theirs = ''
      git.beforeNext(MUTATION, async () => {
        theirs = await byPerson()
      })
      await expect(host.deleteBranch(branch, ours)).rejects.toMatchObject({ problem: 'conflict' })
      expect(await end()).toBe(theirs)
    })

    it('is content with a branch that a person deletes at the same time', async () => {
      const { host, end, ours } = await ready()
      git.beforeNext(MUTATION, () => git.project(PROJECT).git.deleteBranch(branch))
      await host.deleteBranch(branch, ours)
      expect(await end()).toBeNull()
    })

    it('deletes nothing in a repository that it does not see', async () => {
      const other = githubHost({ repository: 'acme/other' }, requests())
      await expect(other.deleteBranch(branch, '0'.repeat(39).concat('1'))).rejects.toMatchObject({ problem: 'missing' })
    })

    it.each([
      [{ type: 'UNPROCESSABLE', message: 'Reference cannot be updated' }],
      [{ type: 'FORBIDDEN', message: 'Resource not accessible by integration' }],
      [{ type: 'NOT_FOUND', message: 'Could not resolve to a Ref' }],
      [{ message: 'words that nobody has seen yet' }],
    ])('takes %j of a branch that has moved on for a conflict', async error => {
      const { host, change } = await ready()
      git.beforeNext(MUTATION, byPerson)
      refusing(error)
      await expect(host.commit(change)).rejects.toMatchObject({ problem: 'conflict' })
    })

    it.each([
      [{ type: 'RATE_LIMITED', message: 'API rate limit exceeded' }, {}, 'rate-limited', 60_000],
      [{ type: 'UNPROCESSABLE', message: 'Wait' }, { 'retry-after': '90' }, 'rate-limited', 90_000],
      [{ message: 'You have exceeded a secondary rate limit' }, {}, 'rate-limited', 60_000],
      [{ message: 'No' }, { 'x-ratelimit-remaining': '0', 'retry-after': '7' }, 'rate-limited', 7_000],
      [{ message: 'No' }, { 'x-ratelimit-remaining': '12' }, 'invalid', null],
      [{ type: 'NOT_FOUND', message: 'Could not resolve to a node' }, {}, 'missing', null],
      [{ type: 'FORBIDDEN', message: 'Resource not accessible by integration' }, {}, 'forbidden', null],
      [{ type: 'UNPROCESSABLE', message: 'Repository rule violations found' }, {}, 'protected', null],
      [{ type: 'UNPROCESSABLE', message: 'Something else' }, {}, 'invalid', null],
      [{ type: 'constructor', message: 'Something else' }, {}, 'invalid', null],
    ] as const)('calls %j with the headers %j %s', async (error, headers, problem, retryAfterMs) => {
      const { host, change, end, ours } = await ready()
      refusing(error, headers)
      await expect(host.commit(change)).rejects.toMatchObject({ problem, retryAfterMs })
      expect(await end()).toBe(ours)
    })

    it('asks nothing more where it is told to wait', async () => {
      const { host, change } = await ready()
      refusing({ type: 'RATE_LIMITED', message: 'API rate limit exceeded' })
      await expect(host.commit(change)).rejects.toMatchObject({ problem: 'rate-limited' })
      expect(git.requests().at(-1)).toMatch(MUTATION)
    })

    it.each([
      [{ status: 401, body: {} }, 'unauthorized'],
      [{ status: 403, body: {} }, 'forbidden'],
      [{ status: 403, body: {}, headers: { 'retry-after': '9' } }, 'rate-limited'],
      [{ status: 429, body: {} }, 'rate-limited'],
      [{ status: 502, body: {} }, 'unavailable'],
      [{ status: 301, body: {} }, 'moved'],
      [{ status: 200, body: {} }, 'unavailable'],
      [{ status: 200, body: { data: { updateRefs: null } } }, 'unavailable'],
      [{ status: 200, body: { data: null, errors: [] } }, 'unavailable'],
    ] as const)('calls the answer %j %s', async (given, problem) => {
      const { host, change, end, ours } = await ready()
      git.failNext(MUTATION, given)
      await expect(host.commit(change)).rejects.toMatchObject({ problem })
      expect(await end()).toBe(ours)
    })

    it('gives no more than a line of the words of GitHub', async () => {
      const { host, change } = await ready()
      refusing({ message: `first\nsecond ${'x'.repeat(5000)}` })
      const error: unknown = await host.commit(change).catch((thrown: unknown) => thrown)
      expect(String(error)).toMatch(/GitHub refuses it with 422: first second x+…$/)
      expect(String(error).length).toBeLessThan(260)
    })

    it('asks once for the id of the repository', async () => {
      const { host, change } = await ready()
      const before = git.requests().length
      const next = await host.commit(change)
      await host.commit({ ...change, replaces: next, message: 'once more' })
      const asked = git.requests().slice(before)
      expect(asked.filter(one => MUTATION.test(one))).toHaveLength(2)
      expect(asked.filter(one => one.endsWith(`/repos/${PROJECT}`))).toHaveLength(1)
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
      message: 'GitHub does not answer',
      status: null,
    })
  })
})
