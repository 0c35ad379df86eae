/** The files that a tool may read: only those that the person who configured the server listed. */
import { realpathSync } from 'node:fs'
import { resolve, sep } from 'node:path'

export type GivenFiles = { allows(path: string): boolean }

/** A folder includes everything below it. A link counts as its target. */
export function givenFiles(paths: readonly string[]): GivenFiles {
  const given = paths.map(path => realPath(path) ?? resolve(path))
  return {
    allows(path) {
      if (path.includes('\0')) return false
      const real = realPath(path)
      return real !== null && given.some(one => real === one || real.startsWith(one.endsWith(sep) ? one : one + sep))
    },
  }
}

function realPath(path: string): string | null {
  try {
    return realpathSync.native(path)
  } catch {
    return null
  }
}
