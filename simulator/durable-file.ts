/** Files that a crash leaves either complete or absent. */
import { randomUUID } from 'node:crypto'
import { link, open, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** False: there is a file of that name. Its folder must exist. */
export async function createOnce(path: string, text: string): Promise<boolean> {
  const temporary = join(dirname(path), `.${randomUUID()}.tmp`)
  await writeDurably(temporary, text)
  try {
    // Unlike a rename, a link never replaces an existing file.
    await link(temporary, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    await unlink(temporary)
  }
  await syncFolder(dirname(path))
  return true
}

/** `path` must not exist yet. */
export async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o644)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Without this, a power failure can lose the file name although the content is on disk. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
