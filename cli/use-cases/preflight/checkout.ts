/**
 * The files that a preflight may read: what a pull request names stays in its checkout, whatever its templates, manifests and links
 * say. A runner has more: credentials, other checkouts.
 */
import { existsSync, realpathSync } from 'node:fs'
import { dirname, join, resolve, sep } from 'node:path'

/** Whether a path is in the checkout that holds `given`; without Git, below the current folder or that of `given`. Links count by what they point to. */
export function checkoutOf(given: string): (path: string) => boolean {
  const whole = resolve(given)
  const root = realPath(gitRoot(dirname(whole)) ?? folderOf(whole))
  return path => {
    const real = realPath(path)
    return root !== null && real !== null && (real === root || real.startsWith(root.endsWith(sep) ? root : root + sep))
  }
}

function gitRoot(folder: string): string | null {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return at
    if (dirname(at) === at) return null
  }
}

function folderOf(path: string): string {
  const current = process.cwd()
  const isBelow = dirname(current) !== current && path.startsWith(current + sep)
  return isBelow ? current : dirname(path)
}

function realPath(path: string): string | null {
  try {
    return realpathSync.native(path)
  } catch {
    return null
  }
}
