/**
 * What a web identity presented against what a trust policy expects: the forms of `sub`, and whether the two name the same
 * source. Anyone may present a token, so a trust policy is never offered a source that it does not already name.
 * https://docs.github.com/en/actions/reference/security/oidc
 * https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html
 */
const AWS_AUDIENCES = ['sts.amazonaws.com', 'sts.amazonaws.com.cn']

export type GitHubSubject = {
  readonly owner: string
  readonly repository: string
  /** `environment`, `branch`, `tag`, `pull_request` or `other`. */
  readonly form: string
  /** Of the immutable form, `repo:owner@id/repository@id:…`: `@id/@id`; null in the form with names alone. */
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
 * Both name the same repository or workspace, or service accounts that share a namespace or a name.
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
  // Of HCP Terraform a workspace is the source, within its organization and project.
  const named = start[0] === 'organization' ? 6 : 2
  return start.length > named && start.slice(0, named).every((part, at) => part === end[at] || (at > 2 && part === '*'))
}

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()

/** True when adding `got` to this key's values keeps the trust with the source that it names today. */
export function mayAddClaim(key: string, wanted: readonly string[], got: string, subjectIsPinned: boolean): boolean {
  if (isSubjectKey(key)) return wanted.some(value => sameSource(value, got))
  if (!isAudienceKey(key)) return false
  return AWS_AUDIENCES.includes(got) && subjectIsPinned && !wanted.some(looksLikeSubject)
}

/** Why the presented value differs from the expected ones, in words; empty when nothing more can be said. */
export function claimHint(key: string, operator: string, wanted: readonly string[], got: string): string {
  if (isAudienceKey(key) && wanted.some(looksLikeSubject)) {
    return `the condition compares ${key} with what is a subject: the key was meant to be ${key.replace(/:aud$/i, ':sub')}`
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
    return 'a subject of GitHub begins with repo:'
  const account = SERVICE_ACCOUNT.exec(got)
  return account === null ? '' : `the token is of service account ${account[2]} in namespace ${account[1]}`
}

function gitHubHint(ours: GitHubSubject, theirs: GitHubSubject): string {
  if (!same(ours.owner, theirs.owner) || (ours.repository !== '*' && !same(ours.repository, theirs.repository))) {
    return `the token is of another repository, ${theirs.owner}/${theirs.repository}`
  }
  if (theirs.ids !== null && ours.ids === null)
    return 'the token has the immutable form with ids, the trust policy the form with names'
  if (theirs.ids === null && ours.ids !== null)
    return 'the token has the form with names, the trust policy the immutable form with ids'
  if (ours.ids?.includes('*') === false && ours.ids !== theirs.ids)
    return 'the token has other ids: its owner or repository only has the same name'
  if (ours.owner !== theirs.owner || (ours.repository !== '*' && ours.repository !== theirs.repository))
    return 'the two differ by case'
  if (ours.form !== theirs.form)
    return `the token has the ${theirs.form} form, the trust policy ${ours.form === 'other' ? 'another' : `the ${ours.form} form`}`
  return `the ${theirs.form} is another one`
}
