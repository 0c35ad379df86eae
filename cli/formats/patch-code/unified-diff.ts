/**
 * An edit as a diff for `git apply` and `patch -p1`.
 * https://git-scm.com/docs/diff-format
 */

import { structuredPatch } from 'diff'
import type { CodeEdit } from '../../../iac/edit/index.ts'

export function unifiedDiff({ file, before, after }: CodeEdit): string {
  const { hunks } = structuredPatch(file, file, before, after, '', '', { context: 3 })
  const [from, to] = [gitPath(`a/${file}`), gitPath(`b/${file}`)]
  const lines = hunks.flatMap(({ oldStart, oldLines, newStart, newLines, lines: own }) => [
    `@@ -${range(oldStart, oldLines)} +${range(newStart, newLines)} @@`,
    ...own,
  ])
  return `diff --git ${from} ${to}\n--- ${from}\n+++ ${to}\n${lines.join('\n')}\n`
}

const range = (start: number, lines: number): string => (lines === 1 ? `${start}` : `${start},${lines}`)

/** Git quotes a path with other than plain characters, byte by byte. */
function gitPath(path: string): string {
  if (/^[\w./ @+=,~()-]+$/.test(path) && !/ /.test(path)) return path
  const quoted = [...new TextEncoder().encode(path)].map(byte => {
    const character = String.fromCharCode(byte)
    if (character === '"' || character === '\\') return `\\${character}`
    return byte >= 0x20 && byte < 0x7f ? character : `\\${byte.toString(8).padStart(3, '0')}`
  })
  return `"${quoted.join('')}"`
}
