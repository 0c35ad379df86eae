import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dispatch } from '../../local/dispatch.ts'
import { memoryIo } from './memory-io.ts'

let folder: string
let log: string
const denied = (role: string) =>
  `User: arn:aws:sts::111122223333:assumed-role/pipeline-deploy/ci is not authorized to perform: iam:PassRole on resource: arn:aws:iam::111122223333:role/app/${role} because no identity-based policy allows the iam:PassRole action`
const LOG = ['$ cdk deploy', denied('orders-task'), 'again', denied('orders-worker'), denied('orders-task')].join('\n')
const ACCOUNT = new URL('../../events/accounts/orders-dev.json', import.meta.url).pathname

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rolemedic-log-'))
  log = join(folder, 'deploy.log')
  writeFileSync(log, LOG)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('rolemedic diagnose --log', () => {
  it('diagnoses every denial of a log once, under its line', async () => {
    const io = memoryIo()
    expect(await dispatch(['diagnose', '--log', log, '--account', ACCOUNT], io)).toBe(0)
    expect(io.said.out.match(/^line .*/gm)).toEqual(['line 2 (and 5)', 'line 4'])
    expect(io.said.out.match(/^Cause: .*/gm)).toEqual(['Cause: identity-gap (proved)', 'Cause: identity-gap (proved)'])
  })

  it('keeps to the contract with --json, and tells the lines beside it', async () => {
    const io = memoryIo({ stdin: LOG })
    expect(await dispatch(['diagnose', '--log', '-', '--json'], io)).toBe(0)
    const objects = io.said.out
      .trim()
      .split('\n')
      .map(line => JSON.parse(line) as { schema: string; denial: object })
    expect(objects.map(({ schema }) => schema)).toEqual(['rolemedic.diagnosis/1', 'rolemedic.diagnosis/1'])
    expect(Object.keys(objects[0] ?? {})).toEqual([
      'schema',
      'denial',
      'diagnosis',
      'patches',
      'verification',
      'refusal',
    ])
    expect(io.said.err).toEqual(['rolemedic: 2 denials: line 2 (and 5); line 4'])
  })

  it('exits 3 for a log without one', async () => {
    const io = memoryIo({ stdin: 'all is well\n' })
    expect(await dispatch(['diagnose', '--log', '-'], io)).toBe(3)
    expect(io.said.err.join()).toContain('no denied iam:PassRole or sts:AssumeRole')
  })

  it.each([[['--log', 'x', 'FILE']], [['--log', 'x', '--message', 'y']], [['--log']]])('exits 2 for %j', async args => {
    expect(await dispatch(['diagnose', ...args], memoryIo())).toBe(2)
  })
})
