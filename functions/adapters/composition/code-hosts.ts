/** The Git hosts of the configuration. One secret contains their keys and tokens, and only `publish` may read it. */

import * as z from 'zod'
import { never, RolemedicError } from '../../../core/base/index.ts'
import { type Config, codeHostOf } from '../../domain/config/index.ts'
import type { Clock } from '../../ports/clock.ts'
import { type CodeHost, type CodeHosts, HostError } from '../../ports/git/code-host.ts'
import type { Secrets } from '../aws/messaging/secrets.ts'
import type { GithubRequests } from '../github/github-requests.ts'
import { lazyImport, lazyPort } from './lazy-import.ts'

const PEM = /^-----BEGIN (RSA )?PRIVATE KEY-----[\s\S]+-----END (RSA )?PRIVATE KEY-----\s*$/

/** By host: a GitHub App, or a token of GitLab. */
const credentialsSchema = z.record(
  z.string(),
  z.union([
    z.strictObject({
      appId: z.coerce.string().check(z.regex(/^\d{1,20}$/)),
      privateKey: z.string().check(z.regex(PEM)),
    }),
    z.strictObject({ token: z.string().check(z.minLength(8), z.maxLength(500)) }),
  ]),
)

export type CodeHostOptions = {
  readonly config: Pick<Config, 'codeHosts'>
  readonly secrets: Pick<Secrets, 'current'>
  readonly secretName: string
  readonly clock: Clock
}

export function codeHosts({ config, secrets, secretName, clock }: CodeHostOptions): CodeHosts {
  /** Keeps installation tokens between orders. */
  const github = new Map<string, Promise<GithubRequests>>()

  async function credentialsOf(host: string) {
    const text = await secrets.current(secretName).catch((error: unknown) => {
      if (!(error instanceof RolemedicError) || error.cause !== undefined) throw error
      throw new HostError('unauthorized', `the secret ${secretName} has no value yet: see docs/pull-requests.md`)
    })
    let given: unknown = null
    try {
      given = JSON.parse(text)
    } catch {
      // The text of the secret is never shown.
    }
    const parsed = credentialsSchema.safeParse(given)
    if (!parsed.success)
      throw new HostError('unauthorized', `the secret ${secretName} is not of the form of docs/pull-requests.md`)
    const found = Object.hasOwn(parsed.data, host) ? parsed.data[host] : undefined
    if (found === undefined) throw new HostError('unauthorized', `the secret ${secretName} has no key for ${host}`)
    return found
  }

  async function appOf(host: string) {
    const found = await credentialsOf(host)
    if ('appId' in found) return found
    throw new HostError('unauthorized', `the secret ${secretName} has no app for ${host}: appId and privateKey`)
  }

  async function tokenOf(host: string): Promise<string> {
    const found = await credentialsOf(host)
    if ('token' in found) return found.token
    throw new HostError('unauthorized', `the secret ${secretName} has no token for ${host}`)
  }

  async function open(host: string, repository: string): Promise<CodeHost> {
    const place = codeHostOf(config, host)
    if (place === null) throw new HostError('invalid', `"codeHosts" does not name ${host}`)
    const { kind, apiUrl } = place
    switch (kind) {
      case 'github': {
        const { githubHost } = await import('../github/github-host.ts')
        let requests = github.get(host)
        requests ??= import('../github/github-requests.ts').then(({ githubRequests }) =>
          githubRequests({ apiUrl, credentials: () => appOf(host), clock }),
        )
        github.set(host, requests)
        return githubHost({ repository }, await requests)
      }
      case 'gitlab': {
        const { gitlabHost } = await import('../gitlab/gitlab-host.ts')
        return gitlabHost({ repository }, { apiUrl, token: () => tokenOf(host), clock })
      }
      default:
        return never(kind)
    }
  }

  return ({ host, repository }) =>
    lazyPort<CodeHost>(
      lazyImport(() => open(host, repository)),
      METHODS,
    )
}

const METHODS = {
  head: true,
  files: true,
  text: true,
  commit: true,
  deleteBranch: true,
  pull: true,
  openPull: true,
  updatePull: true,
  closePull: true,
  comment: true,
  askReviewers: true,
} as const
