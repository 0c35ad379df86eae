/** Which run of which tool made a call, and which person started it, as far as a record shows it. */
export type Run = {
  /** Where it runs, such as `github-actions`. Null: not known. */
  readonly tool: string | null
  /** Of the token's issuer where it is not the tool's public one, such as a GitHub Enterprise Server. Absent: it is, or none is shown. */
  readonly host?: string
  /** What it ran, such as `terraform`: always claimed. */
  readonly client: string | null
  readonly id: string | null
  /** Where the tool shows the run. Only of hosts that a descriptor names. */
  readonly url: string | null
  readonly repository: string | null
  readonly ref: string | null
  readonly workflow: string | null
  readonly actor: string | null
  readonly person: RunPerson | null
  /** Event ids, newest first: the records that issued the caller's key. */
  readonly chain: readonly string[]
  /** What rests on what the caller could choose. */
  readonly claimed: readonly RunFact[]
}

export const RUN_FACTS = [
  'tool',
  'host',
  'client',
  'id',
  'url',
  'repository',
  'ref',
  'workflow',
  'actor',
  'person',
] as const
export type RunFact = (typeof RUN_FACTS)[number]

export const PERSON_KINDS = ['user', 'identity-center', 'saml', 'web-identity', 'root'] as const
export type RunPerson = {
  readonly name: string
  readonly kind: (typeof PERSON_KINDS)[number]
  readonly proved: boolean
}

/** What one text of a caller shows. */
export type ShownRun = Partial<{ readonly [fact in Exclude<RunFact, 'person'>]: string }>

/** The texts of a caller. Each comes from outside. */
export type CallerTexts = {
  readonly userAgent: string | null
  readonly sessionName: string | null
  /** The host and path of the OIDC provider, or its ARN: AWS's own field of a session that a token began. */
  readonly issuer: string | null
  readonly subject: string | null
  readonly tags: { readonly [name: string]: string } | null
}
