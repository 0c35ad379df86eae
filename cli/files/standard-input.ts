import { UsageError } from '../../core/base/index.ts'

/** The name of a file in messages: `-` is standard input. */
export const shownName = (path: string): string => (path === '-' ? 'standard input' : path)

/** Throws UsageError where it was read before. */
export function standardInput(): AsyncIterable<Uint8Array> {
  const { stdin } = process
  if (stdin.readableDidRead) throw new UsageError('standard input can be read only once')
  return stdin
}
