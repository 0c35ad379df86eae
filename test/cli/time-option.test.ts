/** Every option that takes a time accepts and refuses the same values. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { COMMANDS } from '../../cli/commands.ts'
import { dispatch } from '../../cli/dispatch.ts'
import { memoryIo } from './memory-io.ts'

const folder = mkdtempSync(join(tmpdir(), 'time-option-'))
afterAll(() => rmSync(folder, { recursive: true }))
const template = join(folder, 'template.json')
writeFileSync(template, '{"Resources": {}}')

/** The other arguments that each command requires. */
const REST: { readonly [command: string]: readonly string[] } = {
  'explain-deploy': [template],
  diagnose: ['--message', 'AccessDenied'],
  preflight: [template, '--as', 'arn:aws:iam::111122223333:role/ci'],
}

const options = (
  await Promise.all(
    Object.entries(COMMANDS).map(async ([name, { load }]) => {
      const { description } = await load()
      return Object.entries(description.options).flatMap(([option, { value }]) =>
        /^(?:TIME|DATE|DAY|WHEN)$/.test(value ?? '') ? [[name, option] as const] : [],
      )
    }),
  )
).flat()

const ACCEPTED = ['2026-11-24', '2026-11-24T03:00Z', '2026-11-24T03:00:00Z', '2026-11-24T03:00:00+01:00', '2024-02-29']
const REFUSED = [
  '2026-02-30',
  '2026-13-01',
  '2026-11-24T25:00Z',
  '24.11.2026',
  'now',
  '1795489200',
  '2026-11-24 UTC',
  '',
]

describe.each(options)('%s --%s', (command, option) => {
  const errors = async (text: string) => {
    const io = memoryIo()
    const code = await dispatch([command, ...(REST[command] ?? []), `--${option}=${text}`], io)
    return { code, error: io.captured.err.join('\n') }
  }

  it.each(ACCEPTED)('accepts %j', async text => {
    expect(REST).toHaveProperty(command)
    expect((await errors(text)).error).not.toContain(`--${option}`)
  })

  it.each(REFUSED)('refuses %j', async text => {
    const { code, error } = await errors(text)
    expect(code).toBe(2)
    expect(error).toContain(
      `--${option} takes a time like 2026-11-24T03:00:00Z, not "${text}" (rolemedic ${command} --help)`,
    )
  })
})

it('knows the commands that take a time', () => {
  expect(options.map(([command]) => command)).toEqual(expect.arrayContaining(['diagnose', 'preflight']))
})
