import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { zipArchive } from '../cli/files/zip-archive.ts'

/** A zip archive of a folder, the same bytes for the same files. */
export function zip(folder: string, holds: (name: string) => boolean = () => true): Buffer {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .filter(holds)
    .sort()
  return zipArchive(names.map(name => ({ name, content: readFileSync(join(folder, name)) })))
}
