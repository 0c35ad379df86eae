import type { CodeHostKind, Config } from './config.ts'

/** A Git host: its software, and the URL of its API. */
export type CodeHostPlace = { readonly kind: CodeHostKind; readonly apiUrl: string }

/** Null: the configuration does not know the host. */
export function codeHostOf({ codeHosts }: Pick<Config, 'codeHosts'>, host: string): CodeHostPlace | null {
  const own = Object.hasOwn(codeHosts, host) ? codeHosts[host] : undefined
  if (own !== undefined) return { kind: own.kind, apiUrl: own.apiUrl ?? usualUrl(own.kind, host) }
  if (host === 'github.com') return { kind: 'github', apiUrl: 'https://api.github.com' }
  return host === 'gitlab.com' ? { kind: 'gitlab', apiUrl: 'https://gitlab.com' } : null
}

/**
 * https://docs.github.com/en/enterprise-server/rest/using-the-rest-api/getting-started-with-the-rest-api
 * https://docs.github.com/en/enterprise-cloud@latest/graphql/guides/managing-enterprise-accounts (GHE.com)
 */
function usualUrl(kind: CodeHostKind, host: string): string {
  if (kind === 'gitlab') return `https://${host}`
  return host.endsWith('.ghe.com') ? `https://api.${host}` : `https://${host}/api/v3`
}
