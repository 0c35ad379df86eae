/**
 * Whose a token's `sub` is, in the forms of the providers that people use.
 * https://docs.github.com/en/actions/reference/security/oidc
 */
export type Subject = {
  readonly owner: string
  /** What an owner has several of. */
  readonly unit: 'project' | 'namespace'
  /** `*` where the subject is a pattern over all of the owner's projects. */
  readonly project: string
  /** GitHub's immutable ids, `owner@1/name@2`; null in the form with names alone. */
  readonly ids: string | null
}

/** Null for a form that is not known: then nothing can be said about its owner. */
export function subjectOf(sub: string): Subject | null {
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
  // The provider is one cluster, whose owner decides about every namespace in it.
  const kubernetes = /^system:serviceaccount:(\*|[^:*?]+):/.exec(sub)
  if (kubernetes !== null) return { owner: 'the cluster', unit: 'namespace', project: kubernetes[1] ?? '', ids: null }
  return null
}
