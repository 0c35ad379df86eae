/** The attacker is on the same machine, or wrote files and texts that are read there. */
import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect } from 'vitest'
import { dispatch } from '../../cli/dispatch.ts'
import { processIo } from '../../cli/io.ts'
import { readPlan } from '../../cli/use-cases/preflight/plan-stream.ts'
import { neutralText } from '../../core/base/neutral-text.ts'
import { keyFiles } from '../../simulator/key-files.ts'
import { serveWebUi, type WebUiSource } from '../../simulator/web-ui/server.ts'
import { memoryIo } from '../cli/memory-io.ts'
import { attack } from './attack.ts'

const folder = () => mkdtempSync(join(tmpdir(), 'rolemedic-attacks-'))

describe('another user of the laptop', () => {
  attack('P1', () => {
    const place = join(folder(), 'keys')
    const open = () => keyFiles(place)
    expect(open).not.toThrow()
    chmodSync(join(place, 'decisions.pem'), 0o644)
    // Windows has no such modes.
    if (process.platform === 'win32') expect(open).not.toThrow()
    else expect(open).toThrow(/chmod 600/)
  })
})

describe('somebody whose files or texts are read', () => {
  attack('P2', async () => {
    const file = join(folder(), 'bomb.json.gz')
    writeFileSync(file, gzipSync(Buffer.alloc(600_000_000)))
    await expect(processIo().readFile(file)).rejects.toThrow(/too large/)
  })
  attack('P3', () => {
    const shown = neutralText('ci\u001b[2Jbuild\u009b31m\u202eevil\u2066', 200)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
    expect(shown).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/)
  })
  attack('P4', async () => {
    const event = readFileSync(new URL('../../events/ecs-register-task-definition.json', import.meta.url), 'utf8')
    const accounts = new URL('../../events/accounts/orders-dev.json', import.meta.url).pathname
    const session = 'AWSCodeBuild-5f1c2d3e-8a4b-4c6d-9e0f-1a2b3c4d5e6f'
    expect(event).toContain(session)
    const io = memoryIo({ stdin: event.replaceAll(session, 'a\u009b2J\u202eb\u2066c\u200bd') })
    await dispatch(['diagnose', '-', '--account', accounts, '--json'], io)
    const { out } = io.captured
    // The value must be present in escaped form, so that an empty output does not pass.
    expect(out).toContain(String.raw`\u202e`)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
    expect(out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/)
    for (const line of out.trim().split('\n')) JSON.parse(line)
  })
  attack('P5', async () => {
    const file = join(folder(), 'plan.json.gz')
    writeFileSync(file, gzipSync(Buffer.alloc(60_000_000, '\n')))
    let bytes = 0
    const reading = readPlan(file, { take: () => {}, finish: () => expect.unreachable() }, read => {
      bytes = read
    })
    await expect(reading).rejects.toThrow(/too large/)
    expect(bytes).toBeLessThanOrEqual(10_000_000)
  })
})

describe('another page in the browser', () => {
  const source = {
    viewers: [{ person: { id: 'U0ONCALL1', name: 'On call' }, may: 'approves' }],
    samples: [],
    onChange: () => {},
    press: async () => {},
  } as unknown as WebUiSource
  async function onPage(job: (url: string) => Promise<void>): Promise<void> {
    const page = await serveWebUi(source, 0)
    try {
      await job(page.url)
    } finally {
      await page.close()
    }
  }

  attack('P6', () =>
    onPage(async url => {
      const policy = (await fetch(url)).headers.get('content-security-policy')?.split('; ')
      expect(policy).toEqual(
        expect.arrayContaining(["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"]),
      )
    }),
  )
  attack('P7', () =>
    onPage(async url => {
      const body = JSON.stringify({ as: 'U0ONCALL1', press: 'x'.repeat(1_048_577) })
      const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
      expect([answer.status, await answer.text()]).toEqual([400, 'a request has at most 1048576 bytes'])
    }),
  )
  attack('P8', () =>
    onPage(async url => {
      const post = (headers: { [name: string]: string }) =>
        fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: '{}' })
      expect((await post({ origin: 'https://evil.example' })).status).toBe(403)
      expect((await post({ origin: 'null' })).status).toBe(403)
      const { port } = new URL(url)
      const rebound = await new Promise(done => {
        request({ port, host: '127.0.0.1', headers: { host: `evil.example:${port}` } }, ({ statusCode }) =>
          done(statusCode),
        ).end()
      })
      expect(rebound).toBe(403)
    }),
  )
})
