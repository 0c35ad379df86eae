import { describe, expect, it } from 'vitest'
import { codeOwnersOf } from '../../../iac/repository/code-owners.ts'
import { cpuMs } from '../../cpu-time.ts'

const owners = (text: string, ...files: readonly string[]) => codeOwnersOf(text, files)

describe('who is asked to review', () => {
  it('lets the last line that matches decide', () => {
    const text = '* @acme/everybody\n*.tf @acme/platform\n/envs/dev/ @dev-lead\n'
    expect(owners(text, 'README.md')).toEqual(['@acme/everybody'])
    expect(owners(text, 'modules/iam/main.tf')).toEqual(['@acme/platform'])
    expect(owners(text, 'envs/dev/main.tf')).toEqual(['@dev-lead'])
  })

  it('asks nobody where the last matching line names nobody', () => {
    expect(owners('* @acme/everybody\n/generated/\n', 'generated/main.tf')).toEqual([])
  })

  it('asks the owners of all files, each once', () => {
    const text = '/a/ @one @two\n/b/ @two @three\n'
    expect(owners(text, 'a/x.tf', 'b/y.tf')).toEqual(['@one', '@two', '@three'])
  })

  it.each([
    ['*.tf', 'deep/down/main.tf', true],
    ['/main.tf', 'main.tf', true],
    ['/main.tf', 'deep/main.tf', false],
    ['iam/', 'deep/iam/roles/main.tf', true],
    ['iam', 'deep/iam/roles/main.tf', true],
    ['docs/*', 'docs/x.tf', true],
    ['docs/*', 'docs/deep/x.tf', false],
    ['apps/*/iam.tf', 'apps/orders/iam.tf', true],
    ['/apps/**/iam.tf', 'apps/a/b/iam.tf', true],
    ['apps/iam.tf', 'other/apps/iam.tf', false],
  ])('reads the pattern %s like .gitignore: %s is %s', (pattern, file, matches) => {
    expect(owners(`${pattern} @owner\n`, file)).toEqual(matches ? ['@owner'] : [])
  })

  it('skips comments, empty lines, Windows line ends and negations', () => {
    const text = '# the owners\r\n\r\n*.tf @platform # and nobody @else\r\n!main.tf @nobody\r\n'
    expect(owners(text, 'main.tf')).toEqual(['@platform'])
  })

  it('takes an escaped space and # into the pattern', () => {
    expect(owners('/my\\ code/ @one\n/\\#1/ @two\n', 'my code/main.tf', '#1/main.tf')).toEqual(['@one', '@two'])
  })

  it('lets each section of GitLab decide by itself, with its default owners', () => {
    const text = '*.tf @all\n[Security] @sec\niam.tf\n^[Docs][2] @writers\n*.md\n'
    expect(owners(text, 'iam.tf')).toEqual(['@all', '@sec'])
  })

  it('takes e-mail addresses and teams, and nothing that is neither', () => {
    expect(owners('* @acme/platform dev@example.com <script> nobody\n', 'main.tf')).toEqual([
      '@acme/platform',
      'dev@example.com',
    ])
  })

  it('asks at most fifteen', () => {
    const many = Array.from({ length: 40 }, (_, n) => `@user${n}`).join(' ')
    expect(owners(`* ${many}\n`, 'main.tf')).toHaveLength(15)
  })

  it.each([
    ['*', 'a/b.tf', true],
    ['**', 'a/b.tf', true],
    ['/', 'a/b.tf', true],
    ['/*', 'b.tf', true],
    ['/*', 'a/b.tf', false],
    ['/**', 'a/b.tf', true],
    ['iam*', 'deep/iam.tf', true],
    ['iam*', 'iam/main.tf', false],
    ['/iam', 'iam/roles/main.tf', true],
    ['iam/', 'iam', false],
    ['!iam', 'iam', false],
    ['!iam', '!iam', false],
  ])('lets %s take %s: %s', (pattern, file, matches) => {
    expect(owners(`${pattern} @owner\n`, file)).toEqual(matches ? ['@owner'] : [])
  })

  it('reads nothing of a comment, of a line of blanks, and of a line that nobody wrote', () => {
    expect(owners('*.tf @one\n#*.tf @two\n  \n', 'main.tf', '#main.tf')).toEqual(['@one'])
    const line = (chars: number) => `${'*.tf '.padEnd(chars - 4, 'x')} @to`
    expect(owners(`*.tf @one\n${line(2_000)}\n`, 'main.tf')).toContain('@to')
    expect(owners(`*.tf @one\n${line(2_001)}\n`, 'main.tf')).toEqual(['@one'])
  })

  it('reads no file that GitHub would ignore for its size', () => {
    const file = (chars: number) => '*.tf @one\n'.padEnd(chars, '\n')
    expect(owners(file(3_000_000), 'main.tf')).toEqual(['@one'])
    expect(owners(file(3_000_001), 'main.tf')).toEqual([])
  })

  it('takes the default owners of a section only where a line names nobody at all', () => {
    const text = '[Iam] @sec @ops\niam.tf\nroles.tf nobody\nusers.tf @one\n[Rest]\nrest.tf\n'
    expect(owners(text, 'iam.tf')).toEqual(['@sec', '@ops'])
    expect(owners(text, 'roles.tf')).toEqual([])
    expect(owners(text, 'users.tf')).toEqual(['@one'])
    expect(owners(text, 'rest.tf')).toEqual([])
  })

  it('reads a hostile file in linear time', () => {
    const startedMs = cpuMs()
    owners(
      `${'**/**/**/*a*b*c '.repeat(10)}\n${'\\'.repeat(100_000)}\n${'[x'.repeat(50_000)}\n`,
      `${'d/'.repeat(400)}x.tf`,
    )
    expect(cpuMs() - startedMs).toBeLessThan(500)
  })
})
