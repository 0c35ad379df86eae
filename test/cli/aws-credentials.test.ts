import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { exitCodeOf } from '../../cli/io.ts'
import { requireCredentials, requireProfile } from '../../cli/live/aws-credentials.ts'
import { memoryIo } from './memory-io.ts'

let home = ''
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'home-'))
  mkdirSync(join(home, '.aws'))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const write = (name: string, text: string) => writeFileSync(join(home, '.aws', name), text)

describe('a profile', () => {
  it('is found in either file, in every notation', () => {
    write('config', '[default]\nregion = eu-west-1\n[profile ops]\n [ profile "on call" ]\n[sso-session corp]\n')
    write('credentials', '[ci] ; keys of the pipeline\naws_access_key_id = x\n')
    for (const name of ['default', 'ops', 'on call', 'ci']) expect(() => requireProfile(name, {}, home)).not.toThrow()
    expect(() => requireProfile('sso-session corp', {}, home)).toThrow('no AWS profile "sso-session corp"')
  })

  it('that is in neither file is reported with the files and their profiles', () => {
    write('config', '[profile ops]\n')
    expect(() => requireProfile('nope', {}, home)).toThrow(
      `no AWS profile "nope" in ${home}/.aws/config or ${home}/.aws/credentials: they have ops`,
    )
    rmSync(join(home, '.aws'), { recursive: true })
    expect(() => requireProfile('nope', {}, home)).toThrow('neither has a profile')
  })

  it('of the environment is checked too, and no profile is no error', () => {
    expect(() => requireProfile(null, { AWS_PROFILE: 'gone' }, home)).toThrow('"gone" (from AWS_PROFILE)')
    const elsewhere = { AWS_PROFILE: 'gone', AWS_CONFIG_FILE: join(home, 'other') }
    writeFileSync(join(home, 'other'), '[profile gone]\n')
    expect(() => requireProfile(null, elsewhere, home)).not.toThrow()
    expect(() => requireProfile(null, {}, home)).not.toThrow()
  })
})

it('reports missing credentials in one line', async () => {
  const none = requireCredentials(async () => {
    throw new Error('Could not load credentials from any providers')
  })
  await expect(none).rejects.toThrow('no AWS credentials: Could not load credentials from any providers (aws configure')
})

it('says what to do where a reader of S3, KMS or the table finds no credentials', async () => {
  const io = memoryIo()
  const none = new Error('s3://bucket/audit: Could not load credentials from any providers')
  expect(await exitCodeOf(io, () => Promise.reject(none))).toBe(2)
  expect(io.captured.err).toEqual([
    'rolemedic: s3://bucket/audit: Could not load credentials from any providers (aws configure, aws sso login, or AWS_PROFILE)',
  ])
})
