import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { dispatch } from '../../cli/dispatch.ts'
import { memoryIo } from './memory-io.ts'

const folder = mkdtempSync(join(tmpdir(), 'rolemedic-doctor-'))
afterAll(() => rmSync(folder, { recursive: true }))

function fileOf(name: string, content: string): string {
  const file = join(folder, name)
  writeFileSync(file, content)
  return file
}

const SETTINGS = fileOf(
  'deploy.json',
  JSON.stringify({ region: 'eu-west-1', slack: { appId: 'A1B2', teamId: 'T1B2' } }),
)
const CONFIG = fileOf('config.json', JSON.stringify({ approvers: { users: ['U0ONCALL1', 'U0ONCALL2'] } }))
/** The facts were read on 2026-11-25. */
const SAME_DAY = Date.parse('2026-11-25T12:00:00Z')

async function doctor(options: { settings?: string; config?: string; nowMs?: number } = {}) {
  const { settings = SETTINGS, config = CONFIG, nowMs = SAME_DAY } = options
  const io = memoryIo({ nowMs })
  const code = await dispatch(['doctor', '--settings', settings, '--config', config, '--json'], io)
  const { checks } = JSON.parse(io.captured.out) as { checks: { name: string; status: string; detail: string }[] }
  const of = (name: string) => checks.filter(check => check.name === name)
  return { code, of }
}

describe('rolemedic doctor', () => {
  it('has a line for each check, and ends well', async () => {
    const io = memoryIo({ nowMs: SAME_DAY })
    expect(await dispatch(['doctor', '--settings', SETTINGS, '--config', CONFIG], io)).toBe(0)
    expect(io.captured.out.split('\n').map(line => line.slice(0, 8).trim())).toEqual(['ok', 'ok', 'ok', ''])
    expect(io.captured.out).toContain("read from AWS's pages on 2026-11-25, 0 days ago")
  })

  it.each([
    ['ok', '2027-02-23T00:00:00Z', '90 days ago'],
    ['warning', '2027-02-24T00:00:00Z', '91 days ago'],
  ])('says %s of facts at %s', async (status, now, age) => {
    const { code, of } = await doctor({ nowMs: Date.parse(now) })
    expect(of('facts')).toMatchObject([{ status, detail: expect.stringContaining(age) }])
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
    ['without the app', fileOf('no-app.json', JSON.stringify({ region: 'eu-west-1' })), 'slack'],
  ])('fails for settings that are %s', async (_, settings, words) => {
    const { code, of } = await doctor({ settings })
    expect(of('settings')).toMatchObject([{ status: 'failed', detail: expect.stringContaining(words) }])
    expect(code).toBe(1)
  })

  it('fails for each error of the configuration, and still checks the rest', async () => {
    const { code, of } = await doctor({ config: fileOf('wrong.json', JSON.stringify({ approverz: {} })) })
    expect(of('configuration')).toMatchObject([{ status: 'failed', detail: expect.stringContaining('approverz') }])
    expect(of('facts')).toHaveLength(1)
    expect(code).toBe(1)
  })
})
