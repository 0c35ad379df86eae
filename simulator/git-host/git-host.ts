/** A Git host on this machine: the used parts of GitHub's and GitLab's APIs over HTTP, on real repositories. */
import { generateKeyPair } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type ApiAnswer, type ApiRequest, refused } from './answers.ts'
import type { FileContent } from './git-repository.ts'
import { githubApi } from './github-api.ts'
import { gitlabApi } from './gitlab-api.ts'
import { type HostedProject, hostedProject } from './hosted-project.ts'
import { pullPage } from './pull-page.ts'

export type GitHost = {
  readonly url: string
  /** For `codeHosts` of the configuration. */
  readonly githubApiUrl: string
  readonly gitlabApiUrl: string
  readonly credentials: { readonly appId: string; readonly privateKey: string }
  readonly token: string
  project(name: string): HostedProject
  projects(): readonly HostedProject[]
  /** The requests so far, as `METHOD /path`. */
  requests(): readonly string[]
  failNext(matching: RegExp, answer: ApiAnswer, times?: number): void
  /** Runs `happens` before the next matching request is answered, such as a push by a person. */
  beforeNext(matching: RegExp, happens: () => Promise<unknown>): void
  close(): Promise<void>
}

export type GitHostOptions = {
  readonly folder: string
  readonly projects: readonly {
    readonly name: string
    readonly files: readonly FileContent[]
    readonly defaultBranch?: string
  }[]
  readonly onChange?: () => void
  /** Called when a person merges a pull request on its page. */
  readonly onMerge?: (project: HostedProject) => Promise<void>
}

const APP_ID = '1001'
const TOKEN = 'glpat-of-the-simulator'
const PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'"
const MAX_BODY_BYTES = 8_000_000

export async function startGitHost({
  folder,
  projects: given,
  onChange = () => {},
  onMerge = async () => {},
}: GitHostOptions): Promise<GitHost> {
  // Takes half a second, on a thread of its own.
  const pair = promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  const projects = new Map<string, HostedProject>()
  for (const one of given) projects.set(one.name, await hostedProject(join(folder, one.name.replaceAll('/', '+')), one))
  const { publicKey, privateKey } = await pair
  const requests: string[] = []
  const faults: { readonly matching: RegExp; readonly answer: ApiAnswer; times: number }[] = []
  const interruptions: { readonly matching: RegExp; readonly happens: () => Promise<unknown> }[] = []
  let url = ''
  const github = githubApi({ projects, appId: APP_ID, publicKey, webUrl: () => url })
  const gitlab = gitlabApi({ projects, token: TOKEN, webUrl: () => url })

  async function answerTo(incoming: IncomingMessage): Promise<ApiAnswer> {
    const { pathname, searchParams } = new URL(incoming.url ?? '/', url)
    const { method = 'GET' } = incoming
    const asked = `${method} ${pathname}`
    requests.push(asked)
    const next = interruptions.findIndex(({ matching }) => matching.test(asked))
    if (next !== -1) await interruptions.splice(next, 1)[0]?.happens()
    const fault = faults.find(({ matching, times }) => times > 0 && matching.test(asked))
    if (fault !== undefined) {
      fault.times -= 1
      return fault.answer
    }
    const parts = pathname
      .split('/')
      .filter(part => part !== '')
      .map(decodeURIComponent)
    const headers = incoming.headers as ApiRequest['headers']
    const isApi = parts[0] === 'api'
    const body = isApi ? await bodyOf(incoming) : {}
    const request = { method, path: parts.slice(2), query: searchParams, headers, body }
    switch (parts.slice(0, 2).join('/')) {
      case 'api/v3':
        return github.rest(request)
      case 'api/graphql':
        return github.graphql(request)
      case 'api/v4':
        return gitlab(request)
      default:
        return page(parts, incoming)
    }
  }

  /** `acme/orders/pull/1`, and on GitLab `acme/orders/-/merge_requests/1`. */
  async function page(parts: readonly string[], incoming: IncomingMessage): Promise<ApiAnswer> {
    const path = parts.join('/')
    const [, name = '', number = ''] = /^(.+?)(?:\/-)?\/(?:pull|merge_requests)\/(\d+)$/.exec(path) ?? []
    const project = projects.get(name)
    const pull = project?.pulls().find(one => one.number === Number(number))
    if (project === undefined || pull === undefined) return refused(404, 'Not Found')
    if (incoming.method === 'POST') {
      // Other sites must not be able to merge.
      if (incoming.headers.origin !== url) return refused(403, 'not from this page')
      const pressed = new URLSearchParams(await textOf(incoming)).get('do')
      if (pressed === 'merge' && typeof (await project.merge(pull.number)) !== 'string') await onMerge(project)
      if (pressed === 'close') project.close(pull.number)
      return { status: 303, headers: { location: `/${path}` } }
    }
    const diff = pull.state === 'open' ? await project.git.diff(pull.into, pull.branch) : ''
    return { status: 200, html: pullPage(name, pull, diff).html }
  }

  const server = createServer((incoming, response) => {
    answerTo(incoming)
      .catch((error: unknown) => refused(500, String(error)))
      .then(given => send(response, given))
      .then(onChange)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  return {
    url,
    githubApiUrl: `${url}/api/v3`,
    gitlabApiUrl: url,
    credentials: { appId: APP_ID, privateKey },
    token: TOKEN,
    project(name) {
      const project = projects.get(name)
      if (project === undefined) throw new Error(`the Git host has no project ${name}`)
      return project
    },
    projects: () => [...projects.values()],
    requests: () => requests,
    failNext: (matching, given, times = 1) => void faults.push({ matching, answer: given, times }),
    beforeNext: (matching, happens) => void interruptions.push({ matching, happens }),
    close: () =>
      new Promise(resolve => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}

async function textOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of incoming) {
    bytes += (chunk as Buffer).length
    if (bytes > MAX_BODY_BYTES) throw new Error('the body is too large')
    chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks).toString('utf8')
}

async function bodyOf(incoming: IncomingMessage): Promise<ApiRequest['body']> {
  const text = await textOf(incoming)
  const parsed: unknown = text === '' ? {} : JSON.parse(text)
  return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {}
}

function send(response: ServerResponse, { status, body, html, headers = {} }: ApiAnswer): void {
  if (html !== undefined) {
    response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': PAGE_POLICY })
    response.end(html)
    return
  }
  response.writeHead(status, { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers })
  response.end(body === undefined ? undefined : JSON.stringify(body))
}
