/**
 * Parses the `sub` claim of an OIDC token in the formats of the common providers: its owner, and the source within it.
 * https://docs.github.com/en/actions/reference/security/oidc
 * https://docs.gitlab.com/ci/secrets/id_token_authentication/
 * https://developer.hashicorp.com/terraform/cloud-docs/workspaces/dynamic-provider-credentials/workload-identity-tokens
 */
import { matchesGlob } from '../iam/index.ts'

export type TokenSubject = {
  readonly owner: string
  /** What an owner can have several of. */
  readonly unit: 'project' | 'namespace'
  /** `*`: the subject is a pattern over all projects of the owner. */
  readonly project: string
  /** GitHub's immutable ids, `owner@1/name@2`. Null: the format has only names. */
  readonly ids: string | null
  readonly source: TokenSource
}

/** Names may be patterns. */
export type TokenSource = {
  readonly kind: 'any' | 'branch' | 'tag' | 'environment' | 'pull-request' | 'service-account' | 'run' | 'other'
  readonly name: string
  /** The reusable workflow that the job must run (GitHub's `job_workflow_ref`). Null: any workflow. */
  readonly workflow: string | null
}

/** Null: an unknown format, whose owner cannot be determined. */
export function parseTokenSubject(sub: string): TokenSubject | null {
  const github = /^repo:([^/:@*?]+)(@\d+)?\/(\*|[^/:@*?]+)(@\d+)?(?:[:*?]|$)/.exec(sub)
  if (github !== null) {
    const [start, owner = '', ownerId, project = '', projectId] = github
    const ids = ownerId === undefined && projectId === undefined ? null : `${ownerId ?? ''}/${projectId ?? ''}`
    const source = gitHubSource(sub.slice(start.replace(/[:*?]$/, '').length))
    return { owner: owner.toLowerCase(), unit: 'project', project: project.toLowerCase(), ids, source }
  }
  const gitlab = /^project_path:([^/:*?]+)\/(\*|[^:*?]+)(.*)$/s.exec(sub)
  if (gitlab !== null) {
    const [, owner = '', project = '', rest = ''] = gitlab
    return { owner, unit: 'project', project, ids: null, source: gitLabSource(rest) }
  }
  const terraform = /^organization:([^:*?]+):project:(\*|[^:*?]+)(.*)$/s.exec(sub)
  if (terraform !== null) {
    const [, owner = '', project = '', rest = ''] = terraform
    return { owner, unit: 'project', project, ids: null, source: terraformSource(rest) }
  }
  // The provider is one cluster, and its owner controls every namespace in it.
  const kubernetes = /^system:serviceaccount:(\*|[^:*?]+):(.*)$/s.exec(sub)
  if (kubernetes !== null) {
    const [, project = '', name = ''] = kubernetes
    const source = { kind: name === '*' ? 'any' : 'service-account', name, workflow: null } as const
    return { owner: 'the cluster', unit: 'namespace', project, ids: null, source }
  }
  return null
}

const WORKFLOW = /^(.*?):?job_workflow_ref:(.+)$/s

function gitHubSource(rest: string): TokenSource {
  const [, context = rest, workflow = null] = WORKFLOW.exec(rest) ?? []
  const text = context.replace(/^:/, '')
  const named = (kind: TokenSource['kind'], prefix: string) => ({ kind, name: text.slice(prefix.length), workflow })
  if (text === '' || text === '*') return { kind: 'any', name: '*', workflow }
  if (text.startsWith('ref:refs/heads/')) return named('branch', 'ref:refs/heads/')
  if (text.startsWith('ref:refs/tags/')) return named('tag', 'ref:refs/tags/')
  if (text.startsWith('environment:')) return named('environment', 'environment:')
  if (text === 'pull_request' || text.startsWith('ref:refs/pull/')) return { kind: 'pull-request', name: '*', workflow }
  return { kind: 'other', name: text, workflow }
}

function gitLabSource(rest: string): TokenSource {
  const [, type, name = '*'] = /^:ref_type:(branch|tag|\*)(?::ref:(.*))?$/s.exec(rest) ?? []
  if (/^(:?\*)?$/.test(rest) || (type === '*' && name === '*')) return { kind: 'any', name: '*', workflow: null }
  if (type === 'branch' || type === 'tag') return { kind: type, name, workflow: null }
  return { kind: 'other', name: rest.replace(/^:/, ''), workflow: null }
}

function terraformSource(rest: string): TokenSource {
  if (/^(:?\*)?$/.test(rest)) return { kind: 'any', name: '*', workflow: null }
  const [, workspace = '', phase = '*'] = /^:workspace:([^:]+)(?::run_phase:([^:]+))?$/.exec(rest) ?? []
  return workspace === ''
    ? { kind: 'other', name: rest.replace(/^:/, ''), workflow: null }
    : { kind: 'run', name: `${workspace}:${phase}`, workflow: null }
}

/**
 * True when everybody who could present the added subject could already present the known one of the same project. A person who
 * may open a pull request may write to the project; protection of a branch or an environment narrows that further. A person who
 * may run pods in a namespace may use any of its service accounts.
 */
export function admitsNoMore(known: TokenSubject, added: TokenSubject): boolean {
  return (known.unit === 'namespace' && known.project === added.project) || isWithin(added.source, known.source)
}

function isWithin(added: TokenSource, known: TokenSource): boolean {
  if (known.workflow !== null && (added.workflow === null || !matchesGlob(known.workflow, added.workflow))) return false
  if (known.kind === 'any' || known.kind === 'pull-request') return true
  if (known.kind === added.kind) return matchesGlob(known.name, added.name)
  return known.kind === 'branch' && known.name === '*' && added.kind === 'environment'
}

/** Who could present it, in words. */
export function presenters({ owner, unit, project, source }: TokenSubject): string {
  const all = project === '*'
  const where = unit === 'namespace' ? (all ? 'any namespace' : `the namespace ${project}`) : `${owner}/${project}`
  const through = source.workflow === null ? '' : ` through the workflow ${source.workflow}`
  return `${presentersOf(source, all && unit === 'project' ? `any project of ${owner}` : where)}${through}`
}

function presentersOf({ kind, name }: TokenSource, where: string): string {
  const pattern = /[*?]/.test(name)
  switch (kind) {
    case 'branch':
    case 'tag':
      return `anybody who can push a ${kind} ${pattern ? (name === '*' ? '' : `like ${name} `) : `named ${name} `}of ${where}`
    case 'environment':
      return `any job of ${where} that may use ${name === '*' ? 'an environment' : `the environment ${name}`}`
    case 'pull-request':
      return `anybody who can open a pull request in ${where}`
    case 'service-account':
      return `anybody who can run a pod as ${name} in ${where}`
    case 'run': {
      const [workspace, phase] = name.split(':')
      const what = phase === '*' ? 'run' : phase
      return `anybody who can start a Terraform ${what} in the workspace ${workspace} of ${where}`
    }
    case 'any':
      return where.includes('namespace') ? `anybody who can run a pod in ${where}` : `any job of ${where}`
    default:
      return `any job of ${where} with the subject ${name}`
  }
}
