/** What build services, terminals and posts put before each line, and what is no part of it. */
import { withoutTerminalSequences } from '../../base/index.ts'

/**
 * Time stamps of GitHub, GitLab, Jenkins, CodeBuild and `ts`, which would split a wrapped sentence. `gh run view --log` puts
 * job and step before them, Azure DevOps a marker after them.
 */
const STAMP = String.raw`\ufeff?\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?Z?\]?(?: \d\d[OE]\+?)? ?(?:##\[[a-z]{1,20}\])?`
const LINE_STAMP = new RegExp(
  String.raw`^(?:${STAMP}|\[Container\] \d{4}/\d\d/\d\d \d\d:\d\d:\d\d(?:\.\d{1,9})? )`,
  'gm',
)
const JOB_STAMP = new RegExp(String.raw`^(?:[^\t\r\n]{1,120}\t){1,2}${STAMP}`, 'gm')
/** Prefixes of quoted lines, diffs and failed tests, also where a part of a text ends behind one. */
const LINE_MARK = /^(?:(?:> ?){1,4}|[+,] {0,80}|E {1,8})(?=\S|(?![\s\S]))/gm

/** Marks of quoted lines alone. */
const QUOTED = /^(?:> ?){1,4}/gm

export function withoutStamps(text: string): string {
  return withoutTerminalSequences(text).replace(JOB_STAMP, '').replace(LINE_STAMP, '')
}

export const withoutStampsAndMarks = (text: string): string => withoutStamps(text).replace(LINE_MARK, '')

/** For JSON, where a sign before a line may belong to it. */
export const withoutStampsAndQuotes = (text: string): string => withoutStamps(text).replace(QUOTED, '')
