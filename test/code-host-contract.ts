/** What every Git host must do, against the local server over HTTP and a real Git repository. */
import { expect, it } from 'vitest'
import type { CodeHost } from '../functions/ports/git/code-host.ts'
import type { GitHost } from '../simulator/git-host/git-host.ts'

export const PROJECT = 'acme/orders'
export const MAIN_TF = 'resource "aws_iam_role" "deploy" {\n  name = "orders-deploy"\n}\n'
export const FILES = [
  { path: 'main.tf', text: MAIN_TF },
  { path: 'envs/dev/iam.tf', text: '# Rôles\n' },
  { path: '.github/CODEOWNERS', text: '*.tf @acme/platform @ana\n' },
]
const BRANCH = 'rolemedic/0123456789'

export type Contract = { readonly git: () => GitHost; readonly host: () => CodeHost; readonly api: 'v3' | 'v4' }

/** The `it`s of one describe, which share a host and run in order. */
export function codeHostContract({ git, host, api }: Contract): void {
  const base = async () => (await host().head('main'))?.commit ?? ''
  const edit = (text: string) => [{ path: 'main.tf', text }]

  it('says where a branch ends, and that there is none', async () => {
    expect(await host().head('main')).toEqual({
      commit: await git().project(PROJECT).git.head('main'),
      message: 'The code as it is deployed',
    })
    expect(await host().head(BRANCH)).toBeNull()
  })

  it('lists and reads the files of a commit', async () => {
    const listed = await host().files(await base())
    expect(listed.complete).toBe(true)
    expect(listed.files.map(({ path }) => path).toSorted()).toEqual([
      '.github/CODEOWNERS',
      'envs/dev/iam.tf',
      'main.tf',
    ])
    const roles = listed.files.find(({ path }) => path === 'envs/dev/iam.tf')
    expect(roles && (await host().text(roles, await base()))).toBe('# Rôles\n')
  })

  it('lists what a commit has beside files that can be edited', async () => {
    const { git: repository, push } = git().project(PROJECT)
    const from = await push('links', [{ path: 'link.tf', text: 'main.tf', mode: '120000' }], 'a link')
    const { files, entries } = await host().files(from)
    expect(entries.length).toBe(files.length + 1)
    expect(entries).toContainEqual({ path: 'link.tf', mode: '120000', id: expect.any(String) })
    expect(files.map(({ path }) => path)).not.toContain('link.tf')
    await repository.deleteBranch('links')
  })

  it('commits an edit to a new branch, and nothing else', async () => {
    const from = await base()
    const commit = await host().commit({
      branch: BRANCH,
      base: from,
      replaces: null,
      message: 'one',
      files: edit('# one\n'),
    })
    expect(await host().head(BRANCH)).toEqual({ commit, message: 'one' })
    const repository = git().project(PROJECT).git
    expect(await repository.file(commit, 'main.tf')).toBe('# one\n')
    expect(await repository.file(commit, 'envs/dev/iam.tf')).toBe('# Rôles\n')
    expect(await base()).toBe(from)
  })

  it('replaces the commit of a branch of ours by another one on the same base', async () => {
    const before = await host().head(BRANCH)
    await host().commit({
      branch: BRANCH,
      base: await base(),
      replaces: before?.commit ?? '',
      message: 'two',
      files: edit('# two\n'),
    })
    const diff = await git().project(PROJECT).git.diff('main', BRANCH)
    expect(diff).toContain('+# two')
    expect(diff).not.toContain('# one')
  })

  it('keeps what a person has pushed to the branch since it was read', async () => {
    const read = await host().head(BRANCH)
    const theirs = await git().project(PROJECT).push(BRANCH, edit('# by a person\n'), 'better this way')
    const replaces = read?.commit ?? ''
    const change = { branch: BRANCH, base: await base(), replaces, message: 'two', files: edit('# two\n') }
    await expect(host().commit(change)).rejects.toMatchObject({
      problem: 'conflict',
      message: expect.stringContaining(`the branch ${BRANCH} has moved on`),
    })
    await expect(host().deleteBranch(BRANCH, replaces)).rejects.toMatchObject({ problem: 'conflict' })
    expect(await host().head(BRANCH)).toEqual({ commit: theirs, message: 'better this way' })
    await host().commit({ ...change, replaces: theirs })
  })

  it('makes no branch again that a person has deleted since it was read', async () => {
    const branch = 'rolemedic/deleted000'
    const replaces = await git().project(PROJECT).push(branch, edit('# one\n'), 'one')
    await git().project(PROJECT).git.deleteBranch(branch)
    const change = { branch, base: await base(), replaces, message: 'two', files: edit('# two\n') }
    await expect(host().commit(change)).rejects.toMatchObject({ problem: 'conflict' })
    expect(await host().head(branch)).toBeNull()
  })

  it('calls a new branch that is there already a conflict', async () => {
    const again = { branch: BRANCH, base: await base(), replaces: null, message: 'three', files: edit('# three\n') }
    await expect(host().commit(again)).rejects.toMatchObject({ problem: 'conflict' })
  })

  it('opens a pull request once, changes it, comments on it and asks for reviews', async () => {
    expect(await host().pull(BRANCH)).toBeNull()
    const opened = await host().openPull({ branch: BRANCH, into: 'main', title: 'A title', body: 'A body' })
    expect(opened).toMatchObject({ number: 1, state: 'open' })
    await expect(host().openPull({ branch: BRANCH, into: 'main', title: 'B', body: 'B' })).rejects.toMatchObject({
      problem: expect.stringMatching(/^(conflict|invalid)$/),
    })
    await host().updatePull(1, { title: 'Another title', body: 'Another body' })
    await host().comment(1, 'A comment')
    const left = await host().askReviewers(1, ['@ana', '@stranger', 'dev@example.com'])
    expect(left).toEqual(['@stranger', 'dev@example.com'])
    expect(git().project(PROJECT).pulls()).toMatchObject([
      { title: 'Another title', body: 'Another body', comments: ['A comment'], reviewers: ['ana'], state: 'open' },
    ])
    expect(await host().pull(BRANCH)).toMatchObject({ number: 1, state: 'open', conflicts: false })
  })

  it('sees that it cannot be merged, and that a person merged it', async () => {
    const project = git().project(PROJECT)
    const before = await project.git.head('main')
    await project.push('main', edit('# three\n'), 'by a person')
    expect(await host().pull(BRANCH)).toMatchObject({ state: 'open', conflicts: true })
    await project.git.setBranch('main', before ?? '')
    expect(await project.merge(1)).toMatchObject({ state: 'merged' })
    expect(await host().pull(BRANCH)).toMatchObject({ number: 1, state: 'merged' })
    expect(await host().head(BRANCH)).toBeNull()
  })

  it('closes a pull request and deletes its branch, twice without harm', async () => {
    const branch = 'rolemedic/abcdefabcd'
    const ours = await host().commit({
      branch,
      base: await base(),
      replaces: null,
      message: 'four',
      files: edit('# four\n'),
    })
    const { number } = await host().openPull({ branch, into: 'main', title: 'T', body: 'B' })
    await host().closePull(number)
    await host().deleteBranch(branch, ours)
    await host().deleteBranch(branch, ours)
    expect(await host().pull(branch)).toMatchObject({ number, state: 'closed' })
    expect(await host().head(branch)).toBeNull()
  })

  it.each([
    [404, 'missing'],
    [410, 'missing'],
    [401, 'unauthorized'],
    [403, 'forbidden'],
    [409, 'conflict'],
    [429, 'rate-limited'],
    [500, 'unavailable'],
    [502, 'unavailable'],
    [422, 'invalid'],
  ] as const)('calls %s of a change of a pull request %s', async (status, problem) => {
    git().failNext(/^(PATCH|PUT) .*\/(pulls|merge_requests)\//, { status, body: { message: 'no' } })
    await expect(host().updatePull(1, { title: 'x', body: 'x' })).rejects.toMatchObject({ problem })
  })

  it('says how long the host wants to be left alone', async () => {
    git().failNext(/\/(pulls|merge_requests)\//, { status: 429, body: {}, headers: { 'retry-after': '90' } })
    await expect(host().updatePull(1, { title: 'x', body: 'x' })).rejects.toMatchObject({
      problem: 'rate-limited',
      retryAfterMs: 90_000,
    })
  })

  it('asks once where it is told to wait', async () => {
    const before = git().requests().length
    git().failNext(/\/(pulls|merge_requests)\//, { status: 429, body: {} }, 5)
    await host()
      .updatePull(1, { title: 'x', body: 'x' })
      .catch(() => {})
    expect(git().requests().slice(before)).toHaveLength(1)
    git().failNext(/nothing/, { status: 200 })
    for (let left = 0; left < 4; left += 1)
      await host()
        .updatePull(1, { title: 'x', body: 'x' })
        .catch(() => {})
  })

  it('knows a protected branch by the words of the host', async () => {
    git().failNext(/^POST .*(\/git\/refs|\/commits)$/, {
      status: 403,
      body: { message: 'protected branch hook declined' },
    })
    const change = {
      branch: 'rolemedic/protected0',
      base: await base(),
      replaces: null,
      message: 'm',
      files: edit('#\n'),
    }
    await expect(host().commit(change)).rejects.toMatchObject({ problem: 'protected' })
  })

  it('follows no redirect: a repository that was moved is another one', async () => {
    git().failNext(new RegExp(`/api/${api}/`), { status: 301, headers: { location: 'http://127.0.0.1:1/elsewhere' } })
    await expect(host().head('main')).rejects.toMatchObject({
      problem: 'moved',
      message: expect.stringContaining('moved'),
    })
  })

  it('does not let an answer that is no answer through', async () => {
    git().failNext(/\/(pulls|merge_requests)/, { status: 200, body: { surprise: true } })
    await expect(host().pull(BRANCH)).rejects.toMatchObject({ problem: 'unavailable' })
  })
}

/** Pull requests from a fork are not ours, whatever the name of the branch there. */
export async function ignoresForks({ git, host }: Pick<Contract, 'git' | 'host'>): Promise<void> {
  const branch = 'rolemedic/9876543210'
  const fork = { branch, into: 'main', title: 'Free coffee', body: '' }
  git().project(PROJECT).openFromFork(fork)
  expect(await host().pull(branch)).toBeNull()
  const base = (await host().head('main'))?.commit ?? ''
  await host().commit({ branch, base, replaces: null, message: 'ours', files: [{ path: 'main.tf', text: '# ours\n' }] })
  const { number } = await host().openPull({ branch, into: 'main', title: 'Ours', body: '' })
  expect(git().project(PROJECT).openFromFork(fork).number).toBeGreaterThan(number)
  expect(await host().pull(branch)).toMatchObject({ number })
}
