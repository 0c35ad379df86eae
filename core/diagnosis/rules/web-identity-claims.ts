/**
 * Compares the claims of a web identity with those that a trust policy expects: the formats of `sub`, and whether both name the
 * same source. Anyone can present a token, so no patch adds a source that the trust policy does not name yet.
 * https://docs.github.com/en/actions/reference/security/oidc
 * https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html
 */
const AWS_AUDIENCES = ['sts.amazonaws.com', 'sts.amazonaws.com.cn']

export type GitHubSubject = {
  readonly owner: string
  readonly repository: string
  /** `environment`, `branch`, `tag`, `pull_request` or `other`. */
  readonly form: string
  /** `@id/@id` in GitHub's immutable format `repo:owner@id/repository@id:…`. Null: the format has only names. */
  readonly ids: string | null
}

export function parseGitHubSubject(subject: string): GitHubSubject | null {
  const match = /^repo:([^/:@]+)(@\d+|@\*)?\/([^/:@]+)(@\d+|@\*)?(?::(.*))?$/s.exec(subject)
  if (match === null) return null
  const [, owner = '', ownerId, repository = '', repositoryId, rest = ''] = match
  const ids = ownerId === undefined && repositoryId === undefined ? null : `${ownerId ?? ''}/${repositoryId ?? ''}`
  return { owner, repository, form: gitHubForm(rest), ids }
}

function gitHubForm(rest: string): string {
  if (rest.startsWith('environment:')) return 'environment'
  if (rest.startsWith('ref:refs/heads/')) return 'branch'
  if (rest.startsWith('ref:refs/tags/')) return 'tag'
  return rest === 'pull_request' ? 'pull_request' : 'other'
}

const SERVICE_ACCOUNT = /^system:serviceaccount:([^:]+):([^:]+)$/

export const isSubjectKey = (key: string): boolean => /:sub$/i.test(key)
const isAudienceKey = (key: string): boolean => /:aud$/i.test(key)
const looksLikeSubject = (value: string): boolean => /^(repo|system|project_path|organization):/.test(value)

/**
 * True when both name the same repository or workspace, or service accounts that share a namespace or a name.
 * https://developer.hashicorp.com/terraform/cloud-docs/workspaces/dynamic-provider-credentials/workload-identity-tokens
 */
export function sameSource(wanted: string, got: string): boolean {
  const [a, b] = [parseGitHubSubject(wanted), parseGitHubSubject(got)]
  if (a !== null && b !== null) {
    return same(a.owner, b.owner) && (a.repository === '*' || same(a.repository, b.repository))
  }
  const [x, y] = [SERVICE_ACCOUNT.exec(wanted), SERVICE_ACCOUNT.exec(got)]
  if (x !== null && y !== null) return x[1] === y[1] || x[2] === y[2]
  if (a !== null || b !== null || x !== null || y !== null) return false
  const [start, end] = [wanted.split(':'), got.split(':')]
  // In HCP Terraform, the source is the workspace within its organization and project.
  const named = start[0] === 'organization' ? 6 : 2
  return start.length > named && start.slice(0, named).every((part, at) => part === end[at] || (at > 2 && part === '*'))
}

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()

/** True when adding `got` trusts no source that the list of this key does not name yet. */
export function mayAddClaim(key: string, wanted: readonly string[], got: string, subjectIsPinned: boolean): boolean {
  if (isSubjectKey(key)) return wanted.some(value => sameSource(value, got))
  if (!isAudienceKey(key)) return false
  return AWS_AUDIENCES.includes(got) && subjectIsPinned && !wanted.some(looksLikeSubject)
}

/** Explains how the presented value differs from the expected ones. Empty: nothing to add. */
export function claimHint(key: string, operator: string, wanted: readonly string[], got: string): string {
  if (isAudienceKey(key) && wanted.some(looksLikeSubject)) {
    return `the condition compares ${key} with a subject: the intended key is probably ${key.replace(/:aud$/i, ':sub')}`
  }
  if (isAudienceKey(key)) return `the token was issued for the audience "${got}"`
  if (/^(?:\w+:)?StringEquals/i.test(operator) && wanted.some(value => /[*?]/.test(value))) {
    return `${operator} compares * and ? literally: a pattern needs StringLike`
  }
  const theirs = parseGitHubSubject(got)
  const known = wanted.filter(value => parseGitHubSubject(value) !== null)
  const ours = parseGitHubSubject(known.find(value => sameSource(value, got)) ?? known[0] ?? '')
  if (theirs !== null && ours !== null) return gitHubHint(ours, theirs)
  if (theirs !== null && wanted.some(value => parseGitHubSubject(`repo:${value}`) !== null))
    return 'a GitHub subject starts with repo:'
  const account = SERVICE_ACCOUNT.exec(got)
  return account === null ? '' : `the token is of service account ${account[2]} in namespace ${account[1]}`
}

function gitHubHint(ours: GitHubSubject, theirs: GitHubSubject): string {
  if (!same(ours.owner, theirs.owner) || (ours.repository !== '*' && !same(ours.repository, theirs.repository))) {
    return `the token is of another repository, ${theirs.owner}/${theirs.repository}`
  }
  if (theirs.ids !== null && ours.ids === null)
    return 'the token uses the immutable form with ids, the trust policy the form with names'
  if (theirs.ids === null && ours.ids !== null)
    return 'the token uses the form with names, the trust policy the immutable form with ids'
  if (ours.ids?.includes('*') === false && ours.ids !== theirs.ids)
    return 'the token has other ids: another owner or repository with the same name'
  if (ours.owner !== theirs.owner || (ours.repository !== '*' && ours.repository !== theirs.repository))
    return 'they differ only by case'
  if (ours.form !== theirs.form)
    return `the token uses the ${theirs.form} form, the trust policy ${ours.form === 'other' ? 'another' : `the ${ours.form} form`}`
  return `the ${theirs.form} differs`
}
