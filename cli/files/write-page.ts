import { writeFile } from 'node:fs/promises'
import { UsageError } from '../../core/base/index.ts'

/** Throws a UsageError of one line for a file that cannot be written. */
export async function writePage(file: string, page: string): Promise<void> {
  try {
    await writeFile(file, page)
  } catch (cause) {
    throw new UsageError(`${file}: ${cause instanceof Error ? cause.message : 'cannot be written'}`, { cause })
  }
}
