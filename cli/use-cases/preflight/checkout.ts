/**
 * The files that a preflight may read. Files that a pull request names must be in its checkout, whatever its templates,
 * manifests and links say, because a runner also has credentials and other checkouts.
 */
import { existsSync, realpathSync } from 'node:fs'
import { dirname, join, resolve, sep } from 'node:path'

/**
 * True for a path in the checkout that contains `given`. Without Git: below the current folder or the folder of `given`. A link
 * counts as its target.
 */
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
