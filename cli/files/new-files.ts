/** Writes files that a person asked for, and no other: what exists stays as it is. */
import { access, mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { UsageError } from '../../core/base/index.ts'

export type NewFile = { readonly name: string; readonly content: string | Uint8Array }

/** All of them or none. `force`: also over files that exist. Throws UsageError that names the ones that do. */
export async function writeNewFiles(folder: string, files: readonly NewFile[], force: boolean): Promise<void> {
  const existing: string[] = []
  if (!force) for (const { name } of files) if (await isThere(join(folder, name))) existing.push(join(folder, name))
  if (existing.length > 0)
    throw new UsageError(
      `${existing.join(' and ')} ${existing.length === 1 ? 'exists' : 'exist'}: nothing was written. Give another folder, or --force to replace`,
    )
  for (const { name, content } of files) {
    const path = join(folder, name)
    try {
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, content, force ? {} : { flag: 'wx' })
    } catch (cause) {
      throw new UsageError(`${path}: ${cause instanceof Error ? cause.message : 'cannot be written'}`, { cause })
    }
  }
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )
