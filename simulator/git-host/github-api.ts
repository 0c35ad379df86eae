/**
 * The part of GitHub's APIs that rolemedic uses, over a Git repository.
 * https://docs.github.com/en/rest
 */
import { createPublicKey, randomBytes, verify } from 'node:crypto'
import * as z from 'zod'
import { type ApiAnswer, type ApiRequest, answer, listIn, refused, textIn } from './answers.ts'
import type { FileContent } from './git-repository.ts'
import { nodeIdOf, updateRefs } from './github-graphql.ts'
import type { HostedProject, HostedPull } from './hosted-project.ts'

export type GithubApiOptions = {
  readonly projects: ReadonlyMap<string, HostedProject>
  readonly appId: string
  /** The public key of the app in PEM. */
  readonly publicKey: string
  readonly webUrl: () => string
}

const claimsSchema = z.object({ iss: z.union([z.string(), z.number()]), exp: z.number() })
const tokenOf = ({ headers }: ApiRequest): string =>
  /^(?:token|bearer) (.+)$/i.exec(headers['authorization'] ?? '')?.[1] ?? ''
const NOT_FOUND = refused(404, 'Not Found')

export type GithubApi = {
  rest(request: ApiRequest): Promise<ApiAnswer>
  graphql(request: ApiRequest): Promise<ApiAnswer>
}

export function githubApi({ projects, appId, publicKey, webUrl }: GithubApiOptions): GithubApi {
  /** Installation tokens, with the repositories that each may access. */
  const tokens = new Map<string, readonly string[]>()

  return { rest, graphql }

  async function graphql(request: ApiRequest): Promise<ApiAnswer> {
    const allowed = tokens.get(tokenOf(request))
    if (allowed === undefined) return refused(401, 'Bad credentials')
    return updateRefs(
      request,
      allowed.flatMap(name => projects.get(name) ?? []),
    )
  }

  async function rest(request: ApiRequest): Promise<ApiAnswer> {
    const { method, path } = request
    const token = tokenOf(request)
    const [first, second, third, ...rest] = path
    if (first === 'app' && second === 'installations' && rest[0] === 'access_tokens' && method === 'POST')
      return isApp(token) ? grant(request) : refused(401, 'A JSON web token could not be decoded')
    const name = `${second}/${third}`
    const project = projects.get(name)
    if (first !== 'repos' || project === undefined) return NOT_FOUND
    if (rest[0] === 'installation')
      return isApp(token) ? answer({ id: 1, app_id: Number(appId) }) : refused(401, 'Bad credentials')
    const allowed = tokens.get(token)
    if (allowed === undefined) return refused(401, 'Bad credentials')
    return allowed.includes(name) ? repository(request, project, rest) : NOT_FOUND
  }

  function isApp(token: string): boolean {
    const [header = '', payload = '', signature = ''] = token.split('.')
    try {
      const claims = claimsSchema.parse(JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')))
      const isSigned = verify(
        'sha256',
        Buffer.from(`${header}.${payload}`),
        createPublicKey(publicKey),
        Buffer.from(signature, 'base64url'),
      )
      return isSigned && String(claims.iss) === appId && claims.exp * 1000 > Date.now()
    } catch {
      return false
    }
  }

  function grant({ body }: ApiRequest): ApiAnswer {
    const wanted = listIn(body, 'repositories').map(String)
    const names = [...projects.keys()].filter(name => wanted.includes(name.split('/')[1] ?? ''))
    if (names.length === 0) return refused(422, 'There is at least one repository that does not exist')
    const token = `ghs_${randomBytes(18).toString('hex')}`
    tokens.set(token, names)
    const expires = new Date(Date.now() + 3_600_000).toISOString()
    return answer(
      {
        token,
        expires_at: expires,
        permissions: body['permissions'],
        repository_selection: 'selected',
        repositories: names.map(name => ({ id: 1, name: name.split('/')[1] })),
      },
      201,
    )
  }

  async function repository(request: ApiRequest, project: HostedProject, path: readonly string[]): Promise<ApiAnswer> {
    const { git } = project
    const { method, body, query } = request
    const [area, kind, ...rest] = path
    // The client encodes the slash of `heads/main`.
    const branchNamed = rest.join('/').replace(/^heads\//, '')
    if (area === undefined)
      return answer({
        id: 1,
        node_id: nodeIdOf(project),
        full_name: project.name,
        default_branch: project.defaultBranch,
      })
    if (area === 'git') {
      switch (`${method} ${kind}`) {
        case 'GET ref': {
          const sha = await git.head(branchNamed)
          return sha === null ? NOT_FOUND : answer({ ref: `refs/${rest.join('/')}`, object: { sha, type: 'commit' } })
        }
        case 'GET commits':
          return answer({
            sha: rest[0],
            message: await git.message(rest[0] ?? ''),
            tree: { sha: await git.treeOf(rest[0] ?? '') },
          })
        case 'GET trees': {
          const entries = await git.tree(rest[0] ?? '')
          return answer({
            sha: rest[0],
            truncated: false,
            tree: entries.map(({ bytes: size, ...entry }) => ({ ...entry, size })),
          })
        }
        case 'GET blobs': {
          const bytes = await git.blob(rest[0] ?? '')
          return answer({
            sha: rest[0],
            size: bytes.length,
            encoding: 'base64',
            content: bytes.toString('base64').replace(/.{60}/g, '$&\n'),
          })
        }
        case 'POST trees': {
          const files = listIn(body, 'tree').map(entry => entry as FileContent & { readonly content: string })
          if (files.some(({ path: file }) => file.startsWith('.github/workflows/')))
            return refused(403, 'Resource not accessible by integration')
          return answer(
            {
              sha: await git.writeTree(
                textIn(body, 'base_tree'),
                files.map(({ content, ...file }) => ({ ...file, text: content })),
              ),
            },
            201,
          )
        }
        case 'POST commits':
          return answer(
            {
              sha: await git.writeCommit(
                textIn(body, 'tree'),
                listIn(body, 'parents').map(String),
                textIn(body, 'message'),
              ),
            },
            201,
          )
        case 'POST refs': {
          const branch = textIn(body, 'ref').replace('refs/heads/', '')
          if (!(await git.moveBranch(branch, null, textIn(body, 'sha'))))
            return refused(422, 'Reference already exists')
          return answer({ ref: textIn(body, 'ref'), object: { sha: textIn(body, 'sha'), type: 'commit' } }, 201)
        }
        default:
          return NOT_FOUND
      }
    }
    if (area === 'issues' && method === 'POST' && rest[0] === 'comments') {
      const pull = project.pulls().find(({ number }) => number === Number(kind))
      if (pull === undefined) return NOT_FOUND
      project.change(pull.number, { comments: [...pull.comments, textIn(body, 'body')] })
      return answer({ id: pull.comments.length + 1 }, 201)
    }
    if (area !== 'pulls') return NOT_FOUND
    if (kind === undefined && method === 'GET') {
      const branch = (query.get('head') ?? '').split(':')[1]
      const found = project
        .pulls()
        .filter(one => one.branch === branch)
        .toReversed()
      const listed = found.slice(0, Number(query.get('per_page') ?? 30)).map(one => shown(one, project))
      // A list does not say whether they can be merged. https://docs.github.com/en/rest/pulls/pulls#list-pull-requests
      return answer((await Promise.all(listed)).map(({ mergeable: _, ...one }) => one))
    }
    if (kind === undefined) {
      const asked = {
        branch: textIn(body, 'head'),
        into: textIn(body, 'base'),
        title: textIn(body, 'title'),
        body: textIn(body, 'body'),
      }
      const opened = await project.open(asked)
      return typeof opened === 'string'
        ? { status: 422, body: { message: 'Validation Failed', errors: [{ message: opened }] } }
        : answer(await shown(opened, project), 201)
    }
    const pull = project.pulls().find(({ number }) => number === Number(kind))
    if (pull === undefined) return NOT_FOUND
    if (rest[0] === 'requested_reviewers') {
      const names = [...listIn(body, 'reviewers'), ...listIn(body, 'team_reviewers')].map(String)
      if (names.some(name => name.startsWith('stranger')))
        return refused(422, 'Reviews may only be requested from collaborators.')
      return answer(
        await shown(
          project.change(pull.number, { reviewers: [...new Set([...pull.reviewers, ...names])] }) ?? pull,
          project,
        ),
        201,
      )
    }
    if (method === 'PATCH') {
      const closes = textIn(body, 'state') === 'closed' && pull.state === 'open'
      const texts = {
        ...(body['title'] === undefined ? {} : { title: textIn(body, 'title') }),
        ...(body['body'] === undefined ? {} : { body: textIn(body, 'body') }),
      }
      return answer(
        await shown(project.change(pull.number, { ...texts, ...(closes ? { state: 'closed' } : {}) }) ?? pull, project),
      )
    }
    return answer(await shown(pull, project))
  }

  async function shown(pull: HostedPull, project: HostedProject) {
    const { number, title, body, state, branch, into, isFork } = pull
    return {
      number,
      title,
      body,
      html_url: `${webUrl()}/${project.name}/pull/${number}`,
      state: state === 'open' ? 'open' : 'closed',
      merged_at: state === 'merged' ? '2026-11-26T00:00:00Z' : null,
      mergeable: state === 'open' ? !(await project.conflicts(pull)) : null,
      head: { ref: branch, repo: { full_name: isFork ? `${project.name}-fork` : project.name } },
      base: { ref: into },
    }
  }
}
