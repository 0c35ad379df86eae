import { describe, expect, it } from 'vitest'
import { codeHostOf } from '../../../functions/domain/config/code-host.ts'

describe('a Git host', () => {
  const codeHosts = {
    'git.example.com': { kind: 'github' },
    'lab.example.com': { kind: 'gitlab' },
    'acme.ghe.com': { kind: 'github' },
    'other.example.com': { kind: 'github', apiUrl: 'https://api.example.com' },
  } as unknown as Parameters<typeof codeHostOf>[0]['codeHosts']

  it.each([
    ['github.com', { kind: 'github', apiUrl: 'https://api.github.com' }],
    ['gitlab.com', { kind: 'gitlab', apiUrl: 'https://gitlab.com' }],
    ['git.example.com', { kind: 'github', apiUrl: 'https://git.example.com/api/v3' }],
    ['acme.ghe.com', { kind: 'github', apiUrl: 'https://api.acme.ghe.com' }],
    ['lab.example.com', { kind: 'gitlab', apiUrl: 'https://lab.example.com' }],
    ['other.example.com', { kind: 'github', apiUrl: 'https://api.example.com' }],
    ['unknown.example.com', null],
    ['constructor', null],
  ])('%s is %j', (host, expected) => {
    expect(codeHostOf({ codeHosts }, host)).toEqual(expected)
  })
})
