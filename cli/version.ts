import { readFileSync } from 'node:fs'

export const version = (): string => manifest().version

/** The address of a page, such as `runbooks.md#dead-letters`, as of this version: the package has no `docs/`. */
export function docsPage(page: string): string {
  const { version, homepage } = manifest()
  return `${homepage.replace(/#.*/, '')}/blob/v${version}/docs/${page}`
}

function manifest(): { readonly version: string; readonly homepage: string } {
  const read: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  if (typeof read !== 'object' || read === null || !('version' in read && 'homepage' in read))
    return { version: '', homepage: '' }
  return { version: String(read.version), homepage: String(read.homepage) }
}
