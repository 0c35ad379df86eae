import { describe, expect, it } from 'vitest'
import { changeDigest, type PolicyChange } from '../../core/patch/patch.ts'
import { loadParsers } from '../../functions/adapters/syntax/parsers.ts'
import type { CodeHost } from '../../functions/ports/git/code-host.ts'
import { MAX_FILE_BYTES, MAX_SOURCE_FILES, readSources } from '../../functions/publish/read-sources.ts'
import { NO_CODE_HINTS } from '../../iac/edit/code-change.ts'
import { editCode } from '../../iac/edit/edit-code.ts'
import { memoryCodeHost, REPOSITORY } from '../fakes/memory-code-host.ts'

const ROLE = 'resource "aws_iam_role" "task" {\n  name = "orders"\n}\n'
const change: Omit<PolicyChange, 'digest'> = {
  target: {
    ...{ kind: 'role-inline-policy', policyName: 'rolemedic', accountId: '111122223333', name: 'orders' },
    arn: 'arn:aws:iam::111122223333:role/orders',
  },
  before: null,
  after: {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 'iam:PassRole', Resource: 'arn:aws:iam::111122223333:role/x' }],
  },
  required: true,
}

async function outcomeOf(files: { readonly [path: string]: string }, more: Partial<CodeHost> = {}) {
  const { host } = memoryCodeHost(files)
  const sources = await readSources('main0', REPOSITORY, ['roles/main.tf'], { ...host, ...more })
  const changes = [{ ...change, digest: changeDigest(change) }]
  const result = editCode(
    changes,
    sources.files,
    { ...NO_CODE_HINTS, kind: 'terraform' },
    await loadParsers(),
    sources.leftOut,
  )
  return result.outcome === 'exact' ? 'exact' : result.reason
}

describe('a repository of which a part is read', () => {
  it('gives an edit where everything was read', async () => {
    expect(await outcomeOf({ 'roles/main.tf': ROLE })).toBe('exact')
  })

  it('gives none where only the folder that a tag names was read', async () => {
    const many = Array.from({ length: MAX_SOURCE_FILES }, (_, at) => [`more/f${at}.tf`, ''])
    const reason = await outcomeOf({ 'roles/main.tf': ROLE, ...Object.fromEntries(many) })
    expect(reason).toMatch(/^more\/f0\.tf, .* and 395 more could not be read, and may make orders too/)
  })

  it('gives none where a file was too large, or is no text', async () => {
    const files = { 'roles/main.tf': ROLE, 'b.tf': `# ${'x'.repeat(MAX_FILE_BYTES)}\n` }
    expect(await outcomeOf(files)).toMatch(/^b\.tf could not be read/)
    const noText: Partial<CodeHost> = { text: async ({ path }) => (path === 'b.tf' ? null : ROLE) }
    expect(await outcomeOf({ 'roles/main.tf': ROLE, 'b.tf': '' }, noText)).toMatch(/^b\.tf could not be read/)
  })

  it('gives none where the host did not list every file', async () => {
    const cut: Partial<CodeHost> = {
      files: async () => ({
        files: [{ path: 'roles/main.tf', id: 'roles/main.tf', bytes: 9 }],
        entries: [],
        complete: false,
      }),
    }
    expect(await outcomeOf({ 'roles/main.tf': ROLE }, cut)).toMatch(/^There are more files than rolemedic reads/)
  })

  it('gives one where only data of another kind was too large', async () => {
    expect(await outcomeOf({ 'roles/main.tf': ROLE, 'data.json': ' '.repeat(MAX_FILE_BYTES + 1) })).toBe('exact')
  })
})
