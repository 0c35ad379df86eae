import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { dispatch } from '../../cli/dispatch.ts'
import { memoryIo } from './memory-io.ts'

const root = resolve(import.meta.dirname, '../..')
const run = promisify(execFile)

it('the files of rolemedic init become templates as they are', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rolemedic-init-'))
  const given = ['--region', 'eu-west-1', '--channel', 'C04RELEASES', '--approver', 'U02ANNA7K']
  expect(await dispatch(['init', ...given, '--folder', folder], memoryIo())).toBe(0)
  const out = join(folder, 'templates')
  const settings = join(folder, 'rolemedic.deploy.json')
  await run(process.execPath, ['infra/synth.ts', '--settings', settings, '--out', out], {
    cwd: root,
    env: { ...process.env, CDK_DISABLE_CLI_TELEMETRY: 'true' },
  })
  expect(readFileSync(join(out, 'rolemedic-bot.template.json'), 'utf8')).toContain('AWS::Lambda::Function')
  expect(readFileSync(join(out, 'bundles/decide/rolemedic.config.json'), 'utf8')).toContain('C04RELEASES')
}, 300_000)
