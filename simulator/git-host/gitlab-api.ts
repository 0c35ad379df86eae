/**
 * The part of GitLab's REST API that rolemedic uses, over a Git repository.
 * https://docs.gitlab.com/api/rest/
 */
import { type ApiAnswer, type ApiRequest, answer, listIn, refused, textIn } from './answers.ts'
import type { HostedProject, HostedPull } from './hosted-project.ts'

export type GitlabApiOptions = {
  readonly projects: ReadonlyMap<string, HostedProject>
  readonly token: string
  readonly webUrl: () => string
}

const NOT_FOUND = refused(404, '404 Not Found')

export function gitlabApi({ projects, token, webUrl }: GitlabApiOptions): (request: ApiRequest) => Promise<ApiAnswer> {
  /** Only a request for one merge request looks whether it conflicts. Lists repeat what was found last. https://docs.gitlab.com/api/merge_requests/ */
  const conflicting = new Map<string, boolean>()
  const keyOf = (project: HostedProject, number: number): string => `${project.name}!${number}`

  return async request => {
    const { path, headers, query } = request
    if (headers['private-token'] !== token && headers['authorization'] !== `Bearer ${token}`)
      return refused(401, '401 Unauthorized')
    const [first, name = '', ...rest] = path
    if (first === 'users') {
      const username = query.get('username') ?? ''
      return answer(username === '' || username.startsWith('stranger') ? [] : [{ id: userId(username), username }])
    }
    const project = projects.get(name)
    if (first !== 'projects' || project === undefined) return refused(404, '404 Project Not Found')
    return rest[0] === 'repository'
      ? repository(request, project, rest.slice(1))
      : mergeRequests(request, project, rest)
  }

  async function repository(
    { method, query, body }: ApiRequest,
    project: HostedProject,
    path: readonly string[],
  ): Promise<ApiAnswer> {
    const { git } = project
    const [area, one = '', ...rest] = path
    switch (`${method} ${area}`) {
      case 'GET branches': {
        if (one === '') return answer((await git.branches()).map(name => ({ name })))
        const id = await git.head(one)
        return id === null
          ? refused(404, '404 Branch Not Found')
          : answer({ name: one, commit: { id, message: await git.message(id) } })
      }
      case 'DELETE branches': {
        if ((await git.head(one)) === null) return refused(404, '404 Branch Not Found')
        await git.deleteBranch(one)
        return { status: 204 }
      }
      case 'GET tree': {
        const entries = await git.tree(query.get('ref') ?? '')
        const [perPage, at] = [Number(query.get('per_page') ?? 20), Number(query.get('page_token') ?? 0)]
        const page = entries.slice(at, at + perPage)
        const isLast = at + perPage >= entries.length
        const next = new URLSearchParams([...query.entries()].filter(([key]) => key !== 'page_token'))
        next.set('page_token', String(at + perPage))
        const link = `<${webUrl()}/api/v4/projects/${encodeURIComponent(project.name)}/repository/tree?${next}>; rel="next"`
        return answer(
          page.map(({ path: file, sha, mode, type }) => ({
            id: sha,
            name: file.split('/').at(-1),
            path: file,
            mode,
            type,
          })),
          200,
          isLast ? {} : { link },
        )
      }
      case 'GET files': {
        const text = await git.file(query.get('ref') ?? '', [one, ...rest].join('/'))
        return text === null
          ? refused(404, '404 File Not Found')
          : answer({ encoding: 'base64', content: Buffer.from(text, 'utf8').toString('base64') })
      }
      case 'POST commits':
        return commit(body, project)
      default:
        return NOT_FOUND
    }
  }

  async function commit(body: ApiRequest['body'], { git, defaultBranch }: HostedProject): Promise<ApiAnswer> {
    const [branch, base] = [textIn(body, 'branch'), textIn(body, 'start_sha')]
    if (branch === defaultBranch)
      return refused(403, 'You are not allowed to push into this branch: it is a protected branch')
    if ((await git.head(branch)) !== null && body['force'] !== true)
      return refused(400, `A branch called '${branch}' already exists. Switch to that branch in order to make changes`)
    const actions = listIn(body, 'actions').map(
      action => action as { readonly action: string; readonly file_path: string; readonly content: string },
    )
    for (const { file_path } of actions)
      if ((await git.file(base, file_path)) === null) return refused(400, "A file with this name doesn't exist")
    const tree = await git.writeTree(
      base,
      actions.map(({ file_path: path, content: text }) => ({ path, text })),
    )
    const id = await git.writeCommit(tree, [base], textIn(body, 'commit_message'))
    await git.setBranch(branch, id)
    return answer({ id, short_id: id.slice(0, 8) }, 201)
  }

  async function mergeRequests(
    { method, query, body }: ApiRequest,
    project: HostedProject,
    path: readonly string[],
  ): Promise<ApiAnswer> {
    const [area, iid, ...rest] = path
    if (area !== 'merge_requests') return NOT_FOUND
    if (iid === undefined && method === 'GET') {
      const found = project
        .pulls()
        .filter(({ branch }) => branch === query.get('source_branch'))
        .toReversed()
      return answer(found.slice(0, Number(query.get('per_page') ?? 20)).map(one => shown(one, project)))
    }
    if (iid === undefined) {
      const asked = {
        branch: textIn(body, 'source_branch'),
        into: textIn(body, 'target_branch'),
        title: textIn(body, 'title'),
        body: textIn(body, 'description'),
      }
      const opened = await project.open(asked)
      if (typeof opened !== 'string') return answer(shown(opened, project), 201)
      return opened.includes('already exists')
        ? refused(409, `Another open merge request already exists for this source branch: ${opened}`)
        : refused(400, opened)
    }
    const pull = project.pulls().find(({ number }) => number === Number(iid))
    if (pull === undefined) return NOT_FOUND
    if (rest[0] === 'notes') {
      project.change(pull.number, { comments: [...pull.comments, textIn(body, 'body')] })
      return answer({ id: pull.comments.length + 1 }, 201)
    }
    if (method !== 'PUT') {
      conflicting.set(keyOf(project, pull.number), await project.conflicts(pull))
      return answer(shown(pull, project))
    }
    const closes = textIn(body, 'state_event') === 'close' && pull.state === 'open'
    const changed = project.change(pull.number, {
      ...(body['title'] === undefined ? {} : { title: textIn(body, 'title') }),
      ...(body['description'] === undefined ? {} : { body: textIn(body, 'description') }),
      ...(closes ? { state: 'closed' } : {}),
      ...(body['reviewer_ids'] === undefined
        ? {}
        : { reviewers: listIn(body, 'reviewer_ids').map(id => names.get(Number(id)) ?? String(id)) }),
    })
    return answer(shown(changed ?? pull, project))
  }

  function shown(pull: HostedPull, project: HostedProject): object {
    const { number, title, body, state, branch, into, isFork } = pull
    return {
      iid: number,
      title,
      description: body,
      web_url: `${webUrl()}/${project.name}/-/merge_requests/${number}`,
      state: state === 'open' ? 'opened' : state,
      has_conflicts: conflicting.get(keyOf(project, number)) ?? false,
      source_branch: branch,
      target_branch: into,
      project_id: 1,
      target_project_id: 1,
      source_project_id: isFork ? 2 : 1,
    }
  }
}

const names = new Map<number, string>()
function userId(username: string): number {
  const known = [...names].find(([, name]) => name === username)?.[0]
  const id = known ?? names.size + 1
  names.set(id, username)
  return id
}
