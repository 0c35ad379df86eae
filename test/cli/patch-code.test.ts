import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { dispatch } from '../../cli/dispatch.ts'
import { patchCode as patchCodeSchema } from '../../cli/outputs/patch-code.ts'
import { MAX_FILES } from '../../iac/edit/edit-code.ts'
import { memoryIo } from './memory-io.ts'

const events = resolve(import.meta.dirname, '../../events')
const EVENT = join(events, 'ecs-register-task-definition.json')
const ACCOUNT = ['--account', join(events, 'accounts/orders-dev.json')]

const ROLE = `resource "aws_iam_role" "pipeline" {
  name               = "pipeline-deploy"
  path               = "/deploy/"
  assume_role_policy = data.aws_iam_policy_document.codebuild.json
}
`

function folderWith(files: { readonly [path: string]: string | Uint8Array }): string {
  const folder = mkdtempSync(join(tmpdir(), 'rolemedic-code-'))
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
  return folder
}

async function patchCode(...args: readonly string[]) {
  const io = memoryIo({ nowMs: Date.parse('2026-11-24T03:00:00Z') })
  const code = await dispatch(['patch-code', ...args], io)
  return { code, out: io.captured.out, err: io.captured.err.join('\n') }
}

describe('patch-code', () => {
  it.each([
    ['a plain file', 'roles.tf', ROLE],
    ['a name with blanks and letters of other alphabets', 'my röles/rôle "x".tf', ROLE],
    ['line ends of Windows', 'roles.tf', ROLE.replaceAll('\n', '\r\n')],
    ['no line end at the end', 'roles.tf', ROLE.trimEnd()],
  ])('prints a diff that git and patch apply to what --write makes: %s', async (_, path, text) => {
    const folder = folderWith({ [path]: text })
    const { code, out, err } = await patchCode(folder, EVENT, ...ACCOUNT)
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(readFileSync(join(folder, path), 'utf8')).toBe(text)

    const byGit = folderWith({ [path]: text })
    execFileSync('git', ['apply', '--whitespace=nowarn', '-'], { cwd: byGit, input: out })
    const byPatch = folderWith({ [path]: text })
    execFileSync('patch', ['-p1', '--binary', '--quiet'], { cwd: byPatch, input: out })
    const written = await patchCode(folder, EVENT, ...ACCOUNT, '--write')
    expect(written).toEqual({ code: 0, out: `${path}\n`, err: '' })

    const now = readFileSync(join(folder, path), 'utf8')
    expect(now).toContain('resource "aws_iam_role_policy" "pipeline_rolemedic" {')
    expect(now.startsWith(text.trimEnd())).toBe(true)
    expect(readFileSync(join(byGit, path), 'utf8')).toBe(now)
    expect(readFileSync(join(byPatch, path), 'utf8')).toBe(now)
  })

  it('keeps the mode of a file', async () => {
    const folder = folderWith({ 'roles.tf': ROLE })
    execFileSync('chmod', ['0640', 'roles.tf'], { cwd: folder })
    await patchCode(folder, EVENT, ...ACCOUNT, '--write')
    expect(statSync(join(folder, 'roles.tf')).mode & 0o777).toBe(0o640)
  })

  it('changes nothing the second time: the code has the statement, and is to be deployed', async () => {
    const folder = folderWith({ 'roles.tf': ROLE })
    await patchCode(folder, EVENT, ...ACCOUNT, '--write')
    const once = readFileSync(join(folder, 'roles.tf'), 'utf8')
    const reason = 'The code grants it already, in aws_iam_role_policy.pipeline_rolemedic (roles.tf): deploy it.'
    expect(await patchCode(folder, EVENT, ...ACCOUNT, '--write')).toEqual({
      ...{ code: 3, out: '', err: `rolemedic: ${reason}` },
    })
    const { code, out, err } = await patchCode(folder, EVENT, ...ACCOUNT, '--write', '--json')
    expect({ code, err }).toEqual({ code: 3, err: '' })
    const output = patchCodeSchema.parse(JSON.parse(out))
    expect(output).toMatchObject({ outcome: 'present', edits: [], snippet: null, reason })
    expect(output.patches).toMatchObject([{ target: { name: 'pipeline-deploy' }, required: true }])
    expect(readFileSync(join(folder, 'roles.tf'), 'utf8')).toBe(once)
  })

  it('ends with 1, the snippet and the reason where no code makes the role, and writes nothing', async () => {
    const folder = folderWith({ 'roles.tf': ROLE.replace('pipeline-deploy', 'another') })
    const { code, out, err } = await patchCode(folder, EVENT, ...ACCOUNT, '--write')
    expect(code).toBe(1)
    expect(err).toBe('rolemedic: draft: No code here makes pipeline-deploy: add the snippet to the code that does.')
    expect(out).toContain('resource "aws_iam_role_policy" "pipeline_deploy_rolemedic" {')
  })

  it('prints one object for programs', async () => {
    const folder = folderWith({ 'envs/dev/roles.tf': ROLE })
    const { code, out } = await patchCode(folder, EVENT, ...ACCOUNT, '--json')
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({
      schema: 'rolemedic.patch-code/1',
      outcome: 'exact',
      edits: [{ file: 'envs/dev/roles.tf', kind: 'terraform', address: 'aws_iam_role.pipeline' }],
      snippet: null,
      reason: null,
      patches: [{ target: { name: 'pipeline-deploy', policyName: 'rolemedic' }, required: true }],
    })
  })

  it.each([
    ['no denial', join(events, 'look-alikes/assume-role-success.json'), 'the call was not refused'],
    ['a refusal', join(events, 'ecs-explicit-deny-scp.json'), 'nothing to change: '],
    ['a text without one', join(events, '../CONTRIBUTING.md'), 'no denied iam:PassRole'],
  ])('ends with 3 for %s', async (_, event, why) => {
    const { code, out, err } = await patchCode(folderWith({ 'roles.tf': ROLE }), event, ...ACCOUNT)
    expect({ code, out, err }).toEqual({ code: 3, out: '', err: expect.stringContaining(why) })
  })

  it('ends with 3 for an error text without policies, which proves nothing', async () => {
    const text =
      'User: arn:aws:iam::111122223333:user/ci is not authorized to perform: iam:PassRole on resource: arn:aws:iam::111122223333:role/x'
    const { code, out, err } = await patchCode(folderWith({ 'roles.tf': ROLE }), '--message', text)
    expect([code, out]).toEqual([3, ''])
    expect(err).not.toContain('nothing to change')
    expect(err).toContain('no policies were read: --account FILE or --live gives them')
  })

  it.each([
    ['a folder that is not there', ['/nowhere', EVENT]],
    ['a file in place of the folder', [EVENT, EVENT]],
    ['an event that is not there', ['.', 'nothing.json']],
    ['no event', ['.']],
    ['an event and a message', ['.', EVENT, '--message', 'x']],
    ['live and account', ['.', EVENT, '--live', '--account', 'x']],
  ])('ends with 2 for %s', async (_, args) => {
    expect((await patchCode(...args)).code).toBe(2)
  })
})

describe('repositories in the configuration', () => {
  const config = (paths: readonly string[], kind: string) =>
    JSON.stringify({
      repositories: [
        {
          account: '111122223333',
          ...{ host: 'github.com', repository: 'acme/orders', branch: 'main', paths, kind },
        },
      ],
    })

  it('name the folder where several would fit', async () => {
    const folder = folderWith({
      'envs/dev/roles.tf': ROLE,
      'envs/prod/roles.tf': ROLE,
      'config.json': config(['envs/dev/**'], 'terraform'),
    })
    expect((await patchCode(folder, EVENT, ...ACCOUNT)).err).toContain('say which folder is meant')
    const { code, out } = await patchCode(folder, EVENT, ...ACCOUNT, '--config', join(folder, 'config.json'))
    expect(code).toBe(0)
    expect(out).toContain('+++ b/envs/dev/roles.tf')
  })

  it('name the kind: no other code is edited', async () => {
    const folder = folderWith({ 'roles.tf': ROLE, 'config.json': config(['**'], 'cloudformation') })
    const { code, out } = await patchCode(folder, EVENT, ...ACCOUNT, '--config', join(folder, 'config.json'))
    expect(code).toBe(1)
    expect(out).toContain('Type: "AWS::IAM::RolePolicy"')
  })
})

it('says of a folder that cannot be read, such as a dangling link, that it cannot be read', async () => {
  const link = join(folderWith({}), 'gone')
  symlinkSync('nowhere', link)
  const { code, out, err } = await patchCode(link, EVENT, ...ACCOUNT)
  expect({ code, out }).toEqual({ code: 2, out: '' })
  expect(err).toContain(`rolemedic: ${link}: cannot be read`)
})

describe('a hostile checkout', () => {
  it('follows no link to a file or folder', async () => {
    const outside = folderWith({ 'roles.tf': ROLE })
    const folder = folderWith({ 'empty.tf': '' })
    symlinkSync(join(outside, 'roles.tf'), join(folder, 'roles.tf'))
    symlinkSync(outside, join(folder, 'more'))
    expect((await patchCode(folder, EVENT, ...ACCOUNT, '--write')).code).toBe(1)
    expect(readFileSync(join(outside, 'roles.tf'), 'utf8')).toBe(ROLE)
  })

  it('reads Terraform code of the checkout through a link, and changes it nowhere', async () => {
    const shared = { 'shared/common.tf': 'variable "name" {\n  default = "pipeline-deploy"\n}\n' }
    const named = ROLE.replace('"pipeline-deploy"', 'var.name')
    const folder = folderWith({ ...shared, 'a/roles.tf': named })
    symlinkSync('../shared/common.tf', join(folder, 'a/common.tf'))
    expect((await patchCode(folder, EVENT, ...ACCOUNT)).out).toContain('+++ b/a/roles.tf')
    // Not in the folder, and in the same checkout.
    expect((await patchCode(join(folder, 'a'), EVENT, ...ACCOUNT)).code).toBe(1)
    mkdirSync(join(folder, '.git'))
    expect((await patchCode(join(folder, 'a'), EVENT, ...ACCOUNT)).out).toContain('+++ b/roles.tf')

    const role = folderWith({
      'shared/roles.tf': ROLE.replace('"pipeline-deploy"', 'var.name'),
      'a/main.tf': shared['shared/common.tf'],
    })
    symlinkSync('../shared/roles.tf', join(role, 'a/roles.tf'))
    const { code, err } = await patchCode(role, EVENT, ...ACCOUNT, '--write')
    expect([code, err]).toEqual([
      1,
      expect.stringContaining('a/roles.tf is shared by a link, so that other folders would'),
    ])
    expect(readFileSync(join(role, 'shared/roles.tf'), 'utf8')).toBe(named)
  })

  it('is not led astray by links that go in circles, to secrets or to other files', async () => {
    const folder = folderWith({ 'roles.tf': ROLE, '.git/config': 'token', 'data.json': '{}' })
    for (const [name, target] of [
      ['a.tf', 'a.tf'],
      ['b.tf', '.git/config'],
      ['c.tf', 'data.json'],
      ['d.tf', '.'],
    ] as const)
      symlinkSync(target, join(folder, name))
    const { code, err } = await patchCode(folder, EVENT, ...ACCOUNT)
    expect(code).toBe(1)
    expect(err).toContain('a.tf, b.tf, c.tf, d.tf could not be read, and may make pipeline-deploy too')
  })

  it('makes no edit where a file could not be read that may make the role too, and names it', async () => {
    const folder = folderWith({
      'a.tf': new Uint8Array([0x61, 0x00, 0x62]),
      'b.tf': new Uint8Array([0xff, 0xfe, 0x62]),
      'c.tf': `# ${'x'.repeat(1_048_576)}\n`,
      'roles.tf': ROLE,
    })
    symlinkSync('roles.tf', join(folder, 'd.tfvars'))
    const { code, err } = await patchCode(folder, EVENT, ...ACCOUNT)
    expect({ code, err }).toEqual({
      code: 1,
      err: [
        'rolemedic: a.tf: is not a text: not read',
        'rolemedic: b.tf: is not UTF-8: not read',
        'rolemedic: c.tf: is larger than 1 MB: not read',
        'rolemedic: d.tfvars: is not a plain file: not read',
        'rolemedic: draft: a.tf, b.tf, c.tf, d.tfvars could not be read, and may make pipeline-deploy too or decide its values: repair the code, or name the folder that makes it.',
      ].join('\n'),
    })
  })

  it('names data that is too large for a template, and goes on', async () => {
    const folder = folderWith({ 'data.json': `"${'x'.repeat(1_048_576)}"`, 'roles.tf': ROLE })
    expect(await patchCode(folder, EVENT, ...ACCOUNT)).toMatchObject({
      code: 0,
      err: 'rolemedic: data.json: is larger than 1 MB: not read',
    })
  })

  it('leaves out of account what lies outside of the configured paths', async () => {
    const folder = folderWith({ 'old/a.tf': new Uint8Array([0xff]), 'envs/roles.tf': ROLE })
    const repository = { host: 'github.com', repository: 'acme/orders', branch: 'main', kind: 'terraform' }
    const config = join(
      folderWith({ 'c.json': JSON.stringify({ repositories: [{ ...repository, paths: ['envs/**'] }] }) }),
      'c.json',
    )
    expect((await patchCode(folder, EVENT, ...ACCOUNT)).code).toBe(1)
    expect((await patchCode(folder, EVENT, ...ACCOUNT, '--config', config)).code).toBe(0)
  })

  it('makes no edit where folders nest too deeply to be read, and says which', async () => {
    const deep = 'd/'.repeat(45)
    const folder = folderWith({ 'roles.tf': ROLE, [`${deep}roles.tf`]: ROLE })
    const { code, err } = await patchCode(folder, EVENT, ...ACCOUNT)
    expect(code).toBe(1)
    expect(err).toContain(`${deep.slice(0, 81)}: is nested in more than 40 folders: not read`)
    expect(err).toContain(`${deep.slice(0, 81)} could not be read, and may make`)
    expect(err).not.toContain('more files than')
  })

  it('names a file with broken syntax, and edits none of it', async () => {
    const folder = folderWith({ 'roles.tf': `${ROLE}\nresource "x" {{{\n` })
    const { code, err } = await patchCode(folder, EVENT, ...ACCOUNT)
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining('roles.tf could not be read') })
  })

  it('reads no folder of a tool, and at most 20,000 files', async () => {
    const folder = folderWith({
      'node_modules/x/roles.tf': ROLE,
      '.terraform/modules/roles.tf': ROLE,
      '.rolemedic/slack.json': '{',
      'a.tf': ROLE,
    })
    expect((await patchCode(folder, EVENT, ...ACCOUNT)).code).toBe(0)
    for (let at = 0; at < MAX_FILES + 1; at++) writeFileSync(join(folder, `f${at}.tf`), '')
    cpSync(join(folder, 'a.tf'), join(folder, 'z.tf'))
    const { code, err } = await patchCode(folder, EVENT, ...ACCOUNT)
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining('more files than rolemedic reads') })
  })

  it.each([true, false])('passes nothing on that a terminal obeys or hides, with colours: %s', async colour => {
    const signs = '\u001b]0;title\u0007 \u009d0;title\u009c \b\u202e\u2066'
    const folder = folderWith({ 'roles.tf': `${ROLE}# ${signs}\n` })
    const print = async (terminal: boolean) => {
      const io = memoryIo({ nowMs: Date.parse('2026-11-24T03:00:00Z'), colour, terminal })
      expect(await dispatch(['patch-code', folder, EVENT, ...ACCOUNT], io)).toBe(0)
      return io.captured.out
    }
    const shown = await print(true)
    expect(shown).not.toMatch(/(?![\n\t])\p{Cc}|\p{Cf}/u)
    expect(shown).toContain('+resource "aws_iam_role_policy"')
    expect(await print(false)).toContain(signs)
  })
})
