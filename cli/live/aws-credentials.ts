/** Checks the local AWS credentials first, so that a problem with them is reported in one line. */

import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { UsageError } from '../../core/base/index.ts'

type Env = { readonly [name: string]: string | undefined }

/** Throws UsageError if neither file has `profile` or, without one, the profile of the environment. */
export function requireProfile(profile: string | null, env: Env, home: string = homedir()): void {
  const name = profile ?? env['AWS_PROFILE'] ?? null
  if (name === null || name === '') return
  const files = [
    env['AWS_CONFIG_FILE'] ?? join(home, '.aws/config'),
    env['AWS_SHARED_CREDENTIALS_FILE'] ?? join(home, '.aws/credentials'),
  ]
  const known = [...new Set(files.flatMap(profilesIn))]
  if (known.includes(name)) return
  const profiles = known.length === 0 ? 'neither has a profile' : `they have ${known.slice(0, MAX_NAMED).join(', ')}`
  throw new UsageError(
    `no AWS profile "${name}"${profile === null ? ' (from AWS_PROFILE)' : ''} in ${files.join(' or ')}: ${profiles}`,
  )
}

/** `resolve` returns credentials or throws the reason. */
export async function requireCredentials(resolve: () => Promise<unknown>): Promise<void> {
  try {
    await resolve()
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new UsageError(`no AWS credentials: ${why} (aws configure, aws sso login, or --profile P)`, { cause })
  }
}

const MAX_NAMED = 10

function profilesIn(path: string): readonly string[] {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    // A missing or unreadable file contains no profile.
    return []
  }
  return [...text.matchAll(/^\s*\[\s*(?:profile\s+)?["']?([^\]"']+?)["']?\s*\]/gm)].flatMap(([, name = '']) =>
    /^(sso-session|services)\s/.test(name) ? [] : [name],
  )
}
