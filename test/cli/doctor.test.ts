import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { dispatch } from '../../cli/dispatch.ts'
import { memoryIo } from './memory-io.ts'

const folder = mkdtempSync(join(tmpdir(), 'rolemedic-doctor-'))
afterAll(() => rmSync(folder, { recursive: true }))

function fileOf(name: string, content: string): string {
  const file = join(folder, name)
  writeFileSync(file, content)
  return file
}

const PARSED = { region: 'eu-west-1', slack: { appId: 'A1B2', teamId: 'T1B2' } }
const SETTINGS = fileOf('deploy.json', JSON.stringify(PARSED))
const CONFIG = fileOf(
  'config.json',
  JSON.stringify({ mode: 'approve', approvers: { users: ['U0ANNA', 'U0BEN'] }, channel: 'C0OURS' }),
)
/** The facts were read on 2026-11-25. */
const SAME_DAY = Date.parse('2026-11-25T12:00:00Z')

async function doctor(options: { settings?: string; config?: string; nowMs?: number; live?: boolean } = {}) {
  const { settings = SETTINGS, config = CONFIG, nowMs = SAME_DAY, live = false } = options
  const io = memoryIo({ nowMs })
  const files = ['--settings', settings, '--config', config]
  const code = await dispatch(['doctor', ...(live ? ['--live'] : []), ...files, '--json'], io)
  const { checks } = JSON.parse(io.captured.out) as { checks: { name: string; status: string; detail: string }[] }
  const of = (name: string) => checks.filter(check => check.name === name)
  return { code, of }
}

describe('rolemedic doctor', () => {
  it('has a line for each check, and ends well', async () => {
    const io = memoryIo({ nowMs: SAME_DAY })
    expect(await dispatch(['doctor', '--settings', SETTINGS, '--config', CONFIG], io)).toBe(0)
    expect(io.captured.out.split('\n').map(line => line.slice(0, 8).trim())).toEqual(['ok', 'ok', 'ok', 'ok', ''])
    expect(io.captured.out).toContain("read from AWS's pages on 2026-11-25, 0 days ago")
  })

  it('warns of a Region that was mistyped, wherever it stands, as nothing would be heard from there', async () => {
    const typos = {
      ...PARSED,
      region: 'eu-wst-1',
      otherRegions: ['us-east-1', 'us-est-2'],
      organization: {
        id: 'o-a1b2c3d4e5',
        hubAccountId: '111122223333',
        identityCenter: { accountId: '111122223333', region: 'eu-westt-1' },
      },
      heartbeats: { regions: ['eu-west-1', 'eu-cental-1'], retired: ['222233334444', '333344445555/eu-west-9'] },
    }
    const file = fileOf('typos.json', JSON.stringify(typos))
    const { code, of } = await doctor({ settings: file })
    expect(code).toBe(0)
    const warning = (text: string) => ({ name: 'settings', status: 'warning', detail: `${file}: ${text}` })
    const unknown = (name: string, near: string) =>
      `${name} is no Region that this version knows (did you mean ${near}?)`
    expect(of('settings')).toEqual([
      warning(`region: ${unknown('eu-wst-1', 'eu-west-1')}`),
      warning(`otherRegions: ${unknown('us-est-2', 'us-east-2')}`),
      warning(`organization.identityCenter: ${unknown('eu-westt-1', 'eu-west-1')}`),
      warning(`heartbeats.regions: ${unknown('eu-cental-1', 'eu-central-1')}`),
      warning(`heartbeats.retired: ${unknown('eu-west-9', 'eu-west-1')}`),
    ])
    expect((await doctor()).of('settings')).toMatchObject([{ status: 'ok' }])
  })

  it('recommends passkeys, and warns where they are on and nobody may enroll anybody', async () => {
    const file = (name: string, more: object) =>
      fileOf(name, JSON.stringify({ ...JSON.parse(readFileSync(CONFIG, 'utf8')), ...more }))
    const on = { approval: { passkey: 'elevated' } }
    const named = { ...on, passkeys: { administrators: ['user/ada', 'user/ben'] } }
    expect((await doctor()).of('passkeys')).toMatchObject([{ status: 'ok', detail: expect.stringContaining('is off') }])
    const alone = await doctor({ config: file('on.json', on) })
    const detail = expect.stringContaining('nobody can enroll the first people')
    expect(alone.of('passkeys')).toMatchObject([{ status: 'warning', detail }])
    const { of } = await doctor({ config: file('named.json', named) })
    expect(of('passkeys')).toMatchObject([{ status: 'ok', detail: 'approval.passkey is elevated' }])
  })

  it.each([
    ['user/ada', 'warning'],
    ['role/operator', 'warning'],
    ['role/AWSReservedSSO_Admin_0123456789abcdef', 'ok'],
    ['role/AWSReservedSSO_Admin', 'warning'],
  ])(
    'knows whether the first people, who need two administrators, can be enrolled by %s alone',
    async (name, status) => {
      const config = { ...JSON.parse(readFileSync(CONFIG, 'utf8')), passkeys: { administrators: [name] } }
      const { of } = await doctor({ config: fileOf('one.json', JSON.stringify(config)) })
      expect(of('passkeys')).toMatchObject([{ status }])
      if (status === 'warning') expect(of('passkeys')[0]?.detail).toContain(`names ${name} alone`)
    },
  )

  it.each([
    ['ok', '2026-11-26T12:00:00Z', '1 day ago'],
    ['ok', '2027-02-23T00:00:00Z', '90 days ago'],
    ['warning', '2027-02-24T00:00:00Z', '91 days ago'],
  ])('says %s of facts at %s', async (status, now, age) => {
    const { code, of } = await doctor({ nowMs: Date.parse(now) })
    expect(of('facts')).toMatchObject([{ status, detail: expect.stringContaining(age) }])
    expect(code).toBe(0)
  })

  it('reads settings with a byte order mark, as editors and PowerShell write it', async () => {
    const settings = { region: 'eu-west-1', slack: { appId: 'A1B2', teamId: 'T1B2' } }
    const { code, of } = await doctor({ settings: fileOf('mark.json', `\uFEFF${JSON.stringify(settings)}`) })
    expect(of('settings')).toMatchObject([{ status: 'ok' }])
    expect(code).toBe(0)
  })

  it('warns of the sample ids', async () => {
    const sample = { region: 'eu-west-1', slack: { appId: 'A00000000', teamId: 'T1B2' } }
    const { code, of } = await doctor({ settings: fileOf('sample.json', JSON.stringify(sample)) })
    expect(of('settings')).toMatchObject([{ status: 'warning', detail: expect.stringContaining('A00000000') }])
    expect(code).toBe(0)
  })

  it.each([
    ['not there', join(folder, 'missing.json'), 'missing.json'],
    ['not JSON', fileOf('broken.json', '{'), 'not JSON'],
    [
      'there twice',
      fileOf('twice.json', '{ "region": "eu-west-1",\n "region": "us-east-1", "slack": {} }'),
      'twice.json: line 2: "region" is there twice: keep one',
    ],
    [
      'spelled as the Terraform module does',
      fileOf('snake.json', '{ "region": "eu-west-1", "other_regions": ["us-east-1"], "slack": {} }'),
      'Unrecognized key: "other_regions" (did you mean otherRegions?)',
    ],
    ['without the app', fileOf('no-app.json', JSON.stringify({ region: 'eu-west-1' })), 'slack'],
  ])('fails for settings that are %s', async (_, settings, words) => {
    const { code, of } = await doctor({ settings })
    expect(of('settings')).toMatchObject([{ status: 'failed', detail: expect.stringContaining(words) }])
    expect(code).toBe(1)
  })

  it('fails for each error of the configuration, and still checks the rest', async () => {
    const { code, of } = await doctor({
      config: fileOf('wrong.json', JSON.stringify({ approverz: {}, channel: 'C0OURS' })),
    })
    expect(of('configuration')).toMatchObject([{ status: 'failed', detail: expect.stringContaining('approverz') }])
    expect(of('facts')).toHaveLength(1)
    expect(code).toBe(1)
  })

  it('fails without a channel and with ids of the sample, and warns of the sample itself', async () => {
    const of = async (config: object) => (await doctor({ config: fileOf('c.json', JSON.stringify(config)) })).of
    const approvers = { users: ['U0ANNA', 'U0BEN'] }
    expect((await of({ approvers }))('configuration')).toMatchObject([
      { status: 'failed', detail: expect.stringContaining('channel: name the Slack channel for cards') },
    ])
    expect((await of({ approvers, channel: 'C0DEPLOYS' }))('configuration')).toMatchObject([
      { status: 'failed', detail: expect.stringContaining('channel: C0DEPLOYS is an id of the sample configuration') },
    ])
    const sample = await doctor({ config: resolve(import.meta.dirname, '../../rolemedic.config.json') })
    expect(sample.of('configuration')).toMatchObject([
      { status: 'warning', detail: expect.stringContaining('nothing can be deployed with it') },
    ])
  })

  it('reads the configuration that the settings name, beside them', async () => {
    const settings = fileOf('named.json', JSON.stringify({ ...PARSED, config: 'other.config.json' }))
    const other = fileOf('other.config.json', JSON.stringify({ approverz: {} }))
    const io = memoryIo({ nowMs: SAME_DAY })
    expect(await dispatch(['doctor', '--settings', settings], io)).toBe(1)
    expect(io.captured.out).toContain(`${other}: approverz`)
  })

  it('says that AWS and Slack were not asked where the files are wrong', async () => {
    const io = memoryIo({ nowMs: SAME_DAY })
    const files = ['--settings', SETTINGS, '--config', fileOf('half.json', '{')]
    expect(await dispatch(['doctor', '--live', ...files], io)).toBe(1)
    expect(io.captured.out).toMatch(/^warning live +AWS and Slack were not asked/m)
  })
})

describe('rolemedic doctor --live without credentials', () => {
  const NO_CREDENTIALS = {
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: join(folder, 'none'),
    AWS_SHARED_CREDENTIALS_FILE: join(folder, 'none'),
    AWS_PROFILE: undefined,
    AWS_ACCESS_KEY_ID: undefined,
    AWS_SECRET_ACCESS_KEY: undefined,
  }
  beforeAll(() => {
    for (const [name, value] of Object.entries(NO_CREDENTIALS)) vi.stubEnv(name, value)
  })
  afterAll(() => void vi.unstubAllEnvs())

  it('fails for them, and has the lines of the files', async () => {
    const { code, of } = await doctor({ live: true })
    expect(of('credentials')).toMatchObject([
      { status: 'failed', detail: expect.stringMatching(/^no AWS credentials: .*--profile P/) },
    ])
    expect([of('settings'), of('configuration'), of('facts')].map(([first]) => first?.status)).toEqual([
      'ok',
      'ok',
      'ok',
    ])
    expect(code).toBe(1)
  })

  it('fails for credentials that AWS does not take', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAIOSFODNN7EXAMPLE')
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY')
    const sts = createServer((_, response) => {
      response.writeHead(403, { 'content-type': 'text/xml' })
      response.end(
        '<ErrorResponse><Error><Type>Sender</Type><Code>InvalidClientTokenId</Code><Message>The security token included in the request is invalid.</Message></Error></ErrorResponse>',
      )
    })
    await new Promise<void>(resolve => sts.listen(0, '127.0.0.1', resolve))
    vi.stubEnv('AWS_ENDPOINT_URL', `http://127.0.0.1:${(sts.address() as AddressInfo).port}`)
    const { code, of } = await doctor({ live: true })
    sts.close()
    expect(of('credentials')).toMatchObject([
      { status: 'failed', detail: expect.stringContaining('InvalidClientTokenId: The security token') },
    ])
    expect(code).toBe(1)
  })
})
