import { describe, expect, it } from 'vitest'
import { serveWebUi, type WebUiSource } from '../../simulator/web-ui/server.ts'

const SOURCE = {
  viewers: [{ person: { id: 'U0ONCALL1', name: 'On call' }, may: 'approves' }],
  samples: [{ id: 'storm', title: '<b>Many</b>' }],
  onChange: () => {},
  press: async () => {},
  explain: async (text: string) => `about ${text.slice(0, 10)}`,
} as unknown as WebUiSource

async function withPage(job: (url: string) => Promise<void>): Promise<void> {
  const page = await serveWebUi(SOURCE, 0)
  try {
    await job(page.url)
  } finally {
    await page.close()
  }
}

describe('the local page', () => {
  it('is framed by no other page, and runs only its own scripts', () =>
    withPage(async url => {
      for (const path of ['/', '/client.js', '/style.css']) {
        const policy = (await fetch(url + path)).headers.get('content-security-policy') ?? ''
        expect(policy.split('; ')).toEqual(
          expect.arrayContaining(["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"]),
        )
      }
    }))

  it('has no script in its HTML, which that policy would stop', () =>
    withPage(async url => {
      const html = await (await fetch(url)).text()
      expect(html).toContain('<script type="module" src="/client.js">')
      expect(html).not.toMatch(/\son\w+=|<script(?![^>]*\ssrc=)/)
    }))

  it('follows a permalink only to a message on this page', () =>
    withPage(async url => {
      const answer = async (path: string) => {
        const { status, headers } = await fetch(url + path, { redirect: 'manual' })
        return [status, headers.get('location')]
      }
      expect(await answer('/archives/C0DEPLOYS/p1795000000000000?thread_ts=1.2')).toEqual([
        302,
        '/#C0DEPLOYS/p1795000000000000',
      ])
      for (const path of [
        '/archives//example.com/p1795000000',
        '/archives/C0DEPLOYS/p1%0d%0aX:y',
        '/archives/C0DEPLOYS',
      ])
        expect(await answer(path)).toEqual([404, null])
    }))

  it('refuses a request of more than 1 MB', () =>
    withPage(async url => {
      const press = (bytes: number) =>
        fetch(url, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ as: 'U0ONCALL1', press: 'x'.repeat(bytes) }),
        })
      const large = await press(1_048_577)
      expect([large.status, await large.text()]).toEqual([400, 'a request has at most 1048576 bytes'])
      expect(await (await press(10)).text()).not.toContain('at most')
    }))

  it('explains a text of the page alone, and a bounded one', () =>
    withPage(async url => {
      const ask = (body: unknown, headers: Record<string, string> = {}) =>
        fetch(`${url}/explain`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...headers },
          body: JSON.stringify(body),
        })
      const answer = await ask({ text: '<b>' })
      expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([
        200,
        'text/plain; charset=utf-8',
        'about <b>',
      ])
      expect((await ask({ text: 'a'.repeat(200_000) })).status).toBe(200)
      expect((await ask({ text: 'a'.repeat(200_001) })).status).toBe(400)
      expect((await ask({})).status).toBe(400)
      expect((await ask({ text: 'a' }, { 'content-type': 'text/plain' })).status).toBe(400)
      expect((await ask({ text: 'a' }, { origin: 'https://example.com' })).status).toBe(403)
    }))
})
