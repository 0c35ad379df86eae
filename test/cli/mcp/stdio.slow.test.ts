/** A script that writes its requests, closes its end, and reads. */
import { spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, expect, it } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'rolemedic-mcp-'))
afterAll(() => rmSync(folder, { recursive: true }))

const root = resolve(import.meta.dirname, '../../..')
const MCP = ['cli/main.ts', 'mcp', '--account']
const clientInfo = { name: 'script', version: '1' }
const OPENING = [
  { id: 1, method: 'initialize', params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo } },
  { method: 'notifications/initialized' },
]
const text =
  'User: arn:aws:iam::111122223333:user/ci is not authorized to perform: iam:PassRole on resource: arn:aws:iam::111122223333:role/app'
const diagnose = (id: number) => ({ id, method: 'tools/call', params: { name: 'diagnose', arguments: { text } } })

function piped(...messages: readonly object[]) {
  const file = join(folder, 'requests')
  writeFileSync(file, [...OPENING, ...messages].map(one => `${JSON.stringify({ jsonrpc: '2.0', ...one })}\n`).join(''))
  const input = openSync(file, 'r')
  const { status, stdout } = spawnSync(process.execPath, [...MCP, 'events/accounts/orders-dev.json'], {
    cwd: root,
    stdio: [input, 'pipe', 'pipe'],
    encoding: 'utf8',
  })
  closeSync(input)
  const answers = stdout
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as { readonly id: number; readonly result: object })
  return { status, answers }
}

it('answers every request that was written before the input ended', () => {
  const { status, answers } = piped(diagnose(2), diagnose(3))
  expect(status).toBe(0)
  expect(answers.map(({ id }) => id).toSorted()).toEqual([1, 2, 3])
  expect(answers.at(-1)?.result).toMatchObject({
    structuredContent: { diagnoses: [{ denial: { action: 'iam:PassRole' } }] },
  })
})

it('does not wait for a request that its client gave up', () => {
  const cancelled = { method: 'notifications/cancelled', params: { requestId: 2 } }
  expect(piped(diagnose(2), cancelled)).toMatchObject({ status: 0 })
})
