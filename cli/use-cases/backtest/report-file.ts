/** Checks the report file before an hour of reading, and prevents that it overwrites an input. */

import { constants } from 'node:fs'
import { access, realpath, stat } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'
import { UsageError } from '../../../core/base/index.ts'
import { isLogFile } from './local-sources.ts'

type Inputs = {
  readonly paths: readonly string[]
  readonly accounts: readonly string[]
  readonly org: string | null
  readonly config: string | null
}

/** Throws UsageError. */
export async function requireOut(out: string, { paths, accounts, org, config }: Inputs): Promise<void> {
  const refused = (why: string, cause?: unknown) => new UsageError(`--out ${out}: ${why}`, { cause })
  if (isLogFile(out)) throw refused('the report is HTML, and this is the name of a CloudTrail file')
  const real = await realpath(out).catch(() => null)
  const inputs = [...paths, ...accounts, ...[org, config].filter(name => name !== null)]
  for (const input of inputs)
    if (real !== null && (await realpath(input).catch(() => null)) === real) throw refused('it is an input')
  if (real !== null && (await stat(real)).isDirectory()) throw refused('it is a folder')
  // With a trailing separator, so that a file in place of the folder is an error.
  await access(real ?? join(dirname(out), sep), constants.W_OK).catch(cause => {
    throw refused(cause instanceof Error ? cause.message : 'cannot be written', cause)
  })
}
