/**
 * The owner in the `sub` claim of an OIDC token, in the formats of the common providers.
 * https://docs.github.com/en/actions/reference/security/oidc
 */
export type TokenSubject = {
  readonly owner: string
  /** What the owner has several of. */
  readonly unit: 'project' | 'namespace'
  /** `*` if the subject is a pattern over all projects of the owner. */
  readonly project: string
  /** GitHub's immutable ids, `owner@1/name@2`; null in the format with names only. */
  readonly ids: string | null
}

/** Null for an unknown format, whose owner cannot be determined. */
export function parseTokenSubject(sub: string): TokenSubject | null {
  const github = /^repo:([^/:@*?]+)(@\d+)?\/(\*|[^/:@*?]+)(@\d+)?(?:[:*?]|$)/.exec(sub)
  if (github !== null) {
    const [, owner = '', ownerId, project = '', projectId] = github
    const ids = ownerId === undefined && projectId === undefined ? null : `${ownerId ?? ''}/${projectId ?? ''}`
    return { owner: owner.toLowerCase(), unit: 'project', project: project.toLowerCase(), ids }
  }
  const gitlab = /^project_path:([^/:*?]+)\/(\*|[^:*?]+)/.exec(sub)
  if (gitlab !== null) return { owner: gitlab[1] ?? '', unit: 'project', project: gitlab[2] ?? '', ids: null }
  const terraform = /^organization:([^:*?]+):project:(\*|[^:*?]+)/.exec(sub)
  if (terraform !== null) return { owner: terraform[1] ?? '', unit: 'project', project: terraform[2] ?? '', ids: null }
  // The provider is one cluster, and its owner controls every namespace in it.
  const kubernetes = /^system:serviceaccount:(\*|[^:*?]+):/.exec(sub)
  if (kubernetes !== null) return { owner: 'the cluster', unit: 'namespace', project: kubernetes[1] ?? '', ids: null }
  return null
}
