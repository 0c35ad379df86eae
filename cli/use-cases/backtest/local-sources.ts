/** Finds the CloudTrail files below the given paths, in CloudTrail's S3 layout. */

import { createReadStream } from 'node:fs'
import { readdir, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { UsageError } from '../../../core/base/index.ts'
import { shownName, standardInput } from '../../files/standard-input.ts'
import type { Source } from './read-source.ts'

const READ_BYTES = 1024 * 1024

const LOG_FILES = /\.(?:json|jsonl|ndjson)(?:\.gz)?$/i

/** True for a file name of JSON. If such a file is not JSON, it is damaged. Other files are read too and may contain anything. */
export const isLogFile = (name: string): boolean => LOG_FILES.test(name)

/**
 * Test objects that AWS writes to check access to a bucket: `ConfigWritabilityCheckFile`, `ELBAccessLogTestFile`,
 * `CheckBucketPermissions`, `aws-logs-write-test` and similar. They contain no records.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/S3Export.html
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
 */
const WRITE_TESTS =
  /(?:check.?bucket.?permission|bucket.?permission.?check|writ(?:e|ability|able).{0,3}(?:check|test)|(?:check|test).{0,3}writ(?:e|ability|able)|accesslogtestfile|log.?test.?file|permissions?.?(?:check|test))/i

/** Files of CloudTrail and AWS Config next to the logs. They contain no records, so a damaged one loses none. */
const BESIDE_LOGS =
  /(?:^|[/\\])CloudTrail-(?:Digest|Insight)[/\\]|_CloudTrail-(?:Digest|Insight)_|_Config(?:Snapshot|History)_/
const DIGESTS = /(?:^|[/\\])CloudTrail-Digest[/\\]|_CloudTrail-Digest_/

export const isBesideLogs = (name: string): boolean => BESIDE_LOGS.test(name)

export const isDigest = (name: string): boolean => DIGESTS.test(name)

export const isWriteTest = (name: string): boolean => WRITE_TESTS.test(name.slice(name.search(/[^/\\]*$/)))

/** Throws UsageError for a path that does not exist. Reports a folder that cannot be listed, and continues with the rest. */
export async function* localSources(
  paths: readonly string[],
  onUnreadable: (name: string, why: string) => void,
): AsyncIterable<Source> {
  const seen = new Set<string>()
  for (const path of paths) {
    const kind = await kindOf(path)
    if (kind === 'folder') yield* below(path, seen, onUnreadable)
    else if (await isNew(path, seen)) yield fileSource(path)
  }
}

/** Checks every path first, so that a typo is found before an hour of reading. */
export async function requirePaths(paths: readonly string[]): Promise<void> {
  for (const path of paths) await kindOf(path)
}

async function kindOf(path: string): Promise<'folder' | 'file'> {
  if (path === '-') return 'file'
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file'
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code
    const why = code === 'ENOENT' || code === 'ENOTDIR' ? 'no such file or folder' : (cause as Error).message
    throw new UsageError(`${path === '' ? 'a PATH is empty' : `${path}: ${why}`}`, { cause })
  }
}

async function* below(
  folder: string,
  seen: Set<string>,
  onUnreadable: (name: string, why: string) => void,
): AsyncIterable<Source> {
  if (!(await isNew(folder, seen))) return
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    onUnreadable(folder, error.code === 'EACCES' ? 'permission denied' : error.message)
    return []
  })
  for (const name of names.sort()) {
    const path = join(folder, name)
    const entry = await stat(path).catch(() => null)
    if (entry === null) onUnreadable(path, 'cannot be read')
    else if (entry.isDirectory()) yield* below(path, seen, onUnreadable)
    else if (await isNew(path, seen)) yield fileSource(path)
  }
}

/** False for a file that is given twice, or reached again through a circular link. */
async function isNew(path: string, seen: Set<string>): Promise<boolean> {
  const real = await realpath(path).catch(() => path)
  if (seen.has(real)) return false
  seen.add(real)
  return true
}

const fileSource = (path: string): Source => ({
  name: shownName(path),
  open: async () => (path === '-' ? standardInput() : createReadStream(path, { highWaterMark: READ_BYTES })),
})
