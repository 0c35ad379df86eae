import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { githubComments } from '../../../cli/ci/github.ts'
import { gitlabComments } from '../../../cli/ci/gitlab.ts'

const MARK = '<!-- rolemedic -->'
const NOWHERE = 'http://127.0.0.1:9'

let server: Server | null = null
afterEach(() => {
  server?.close()
  server = null
})

async function answering(listener: RequestListener): Promise<string> {
  const started = createServer(listener)
  server = started
  await new Promise<void>(done => started.listen(0, '127.0.0.1', done))
  return `http://127.0.0.1:${(started.address() as AddressInfo).port}`
}

const HOSTS = {
  GitHub: {
    list: '/repos/acme/orders/issues/7/comments',
    at: (url: string, token = 'ghs_token') =>
      githubComments(
        {
          GITHUB_EVENT_PATH: 'event.json',
          GITHUB_REPOSITORY: 'acme/orders',
          GITHUB_TOKEN: token,
          GITHUB_API_URL: url,
        },
        async () => JSON.stringify({ pull_request: { number: 7 } }),
      ),
  },
  GitLab: {
    list: '/projects/12/merge_requests/7/notes',
    at: async (url: string, token = 'glpat-token') =>
      gitlabComments({
        CI_API_V4_URL: `${url}/api/v4`,
        CI_MERGE_REQUEST_PROJECT_ID: '12',
        CI_MERGE_REQUEST_IID: '7',
        ROLEMEDIC_COMMENT_TOKEN: token,
      }),
  },
} as const

describe.each(['GitHub', 'GitLab'] as const)('a comment on %s', name => {
  const { list, at } = HOSTS[name]
  const first = `GET ${list}?per_page=100&page=1`
  const upsert = async (url: string) => (await at(url))?.upsert(MARK, `${MARK}\nit is denied`)
  const json = { 'content-type': 'application/json' }

  it.each<[string, RequestListener, string]>([
    ['a refusal', (_, response) => response.writeHead(403, json).end('{"message":"No"}'), '403'],
    ['a rate limit', (_, response) => response.writeHead(429, { ...json, 'retry-after': '1' }).end('{}'), '429'],
    ['a failure', (_, response) => response.writeHead(502).end('<html>'), '502'],
    ['no JSON', (_, response) => response.writeHead(200, json).end('<html>'), 'the answer is not JSON'],
    [
      'an answer without end',
      (_, response) => response.writeHead(200, json).end(`["${'x'.repeat(8_000_000)}"]`),
      'the answer is too large',
    ],
    ['a connection that breaks', (_, response) => response.destroy(), 'fetch failed'],
  ])('says of %s which request it was and no more', async (_, listener, words) => {
    await expect(upsert(await answering(listener))).rejects.toMatchObject({ message: `${first}: ${words}` })
  })

  it('says of a host that does not answer that it does not', async () => {
    await expect(upsert(NOWHERE)).rejects.toMatchObject({ message: `${first}: fetch failed` })
  })

  it.each(['\n', '\0', '\u200b'])('says nothing of a token that no header takes, as one with %j', async sign => {
    const comments = await at(NOWHERE, `secret${sign}more`)
    await expect(comments?.upsert(MARK, MARK)).rejects.toMatchObject({
      message: `${first}: the token has a line break or another character that no header may have`,
    })
  })

  it('takes the token to no other place', async () => {
    const asked: string[] = []
    const url = await answering((request, response) => {
      asked.push(request.url ?? '')
      response.writeHead(302, { location: '/elsewhere' }).end()
    })
    await expect(upsert(url)).rejects.toThrow(first)
    expect(asked).toHaveLength(1)
  })

  it('sends the text as it is, with the name of the sender', async () => {
    const sent: unknown[] = []
    const url = await answering(async (request, response) => {
      let body = ''
      for await (const part of request) body += part
      sent.push([request.method, request.headers['user-agent']?.split(' ')[0], body === '' ? null : JSON.parse(body)])
      response.writeHead(request.method === 'GET' ? 200 : 201, json).end(request.method === 'GET' ? '[]' : '{}')
    })
    expect(await upsert(url)).toBe('added')
    expect(sent).toEqual([
      ['GET', 'rolemedic', null],
      ['POST', 'rolemedic', { body: `${MARK}\nit is denied` }],
    ])
  })
})
