import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { type GitHost, startGitHost } from '../../simulator/git-host/git-host.ts'

const folder = mkdtempSync(join(tmpdir(), 'rolemedic-page-'))
let git: GitHost | null = null
afterEach(async () => {
  await git?.close()
  rmSync(folder, { recursive: true, force: true })
})

it('the page of a pull request shows it as text, merges where its own button is pressed, and nowhere else', async () => {
  const merged: string[] = []
  git = await startGitHost({
    folder,
    projects: [{ name: 'acme/orders', files: [{ path: 'main.tf', text: '# roles\n' }] }],
    onMerge: async ({ name }) => void merged.push(name),
  })
  const project = git.project('acme/orders')
  await project.git.setBranch('rolemedic/1', (await project.git.head('main')) ?? '')
  await project.push('rolemedic/1', [{ path: 'main.tf', text: '# roles\n# more\n' }], 'one\n')
  await project.open({ branch: 'rolemedic/1', into: 'main', title: '<b>A title', body: '<script>x' })
  const address = `${git.url}/acme/orders/pull/1`
  const shown = await (await fetch(address)).text()
  expect(shown).toContain('&lt;b&gt;A title')
  expect(shown).not.toContain('<script>')
  expect(shown).toContain('+# more')

  const body = new URLSearchParams({ do: 'merge' })
  const press = (origin: string) => fetch(address, { method: 'POST', body, headers: { origin }, redirect: 'manual' })
  expect((await press('https://evil.example')).status).toBe(403)
  expect(project.pulls()[0]?.state).toBe('open')
  expect((await press(git.url)).status).toBe(303)
  expect(project.pulls()[0]?.state).toBe('merged')
  expect(merged).toEqual(['acme/orders'])
})
