/** Files that a crash leaves either complete or absent. */
import { randomUUID } from 'node:crypto'
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { link, open, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fail, ok, type Result } from '../core/base/index.ts'

/** Does not wait for the other end of a pipe. */
const READ = constants.O_RDONLY | constants.O_NONBLOCK

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

/**
 * The first `most` bytes. Others may put a folder, a device or a huge file there, and replace it at any time: kind and size are
 * those of the file that is read. The error says why it is not read.
 */
export async function boundedText(path: string, most: number): Promise<Result<string, string>> {
  try {
    const file = await open(path, READ)
    try {
      const found = await file.stat()
      if (!found.isFile()) return fail('it is not a file')
      const bytes = Math.min(found.size, most)
      const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes), 0, bytes, 0)
      return ok(buffer.toString('utf8', 0, bytesRead))
    } finally {
      await file.close()
    }
  } catch (error) {
    return fail(`it cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}`)
  }
}

/**
 * As `boundedText`, without a change of threads and without a buffer for each file, which take most of the time for many small
 * ones. `isFile`: its folder lists it as a file.
 */
export function textNow(
  path: string,
  { buffer, isFile }: { readonly buffer: Buffer; readonly isFile: boolean },
): Result<string, string> {
  try {
    const file = openedToRead(path)
    try {
      if (!isFile && !fstatSync(file).isFile()) return fail('it is not a file')
      return ok(buffer.toString('utf8', 0, readSync(file, buffer, 0, buffer.length, 0)))
    } finally {
      closeSync(file)
    }
  } catch (error) {
    return fail(`it cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}`)
  }
}

/**
 * On Linux, the system can leave out to note when a file was read, which takes as long as reading a small one. Only its owner may
 * ask for that: https://man7.org/linux/man-pages/man2/open.2.html (O_NOATIME)
 */
let unnoted = constants.O_NOATIME ?? 0

function openedToRead(path: string): number {
  try {
    return openSync(path, READ | unnoted)
  } catch (error) {
    if (unnoted === 0 || (error as NodeJS.ErrnoException).code !== 'EPERM') throw error
    unnoted = 0
    return openSync(path, READ)
  }
}
