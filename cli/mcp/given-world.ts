/**
 * What a tool can access: the listed files and the clock. Keeps everything that it reads, so that the answer can be searched
 * for sentences of it.
 */
import { UsageError } from '../../core/base/index.ts'
import { readText } from '../io.ts'
import type { UseCaseWorld } from '../use-cases/world.ts'
import type { GivenFiles } from './given-files.ts'

export type GivenWorld = { readonly world: UseCaseWorld; readonly outside: readonly string[] }

export function givenWorld(files: GivenFiles, given: readonly string[]): GivenWorld {
  const outside = [...given]
  const readFile = async (path: string) => {
    if (!files.allows(path)) throw new UsageError(`${path}: not one of the given files`)
    const text = await readText(path)
    outside.push(text)
    return text
  }
  const world: UseCaseWorld = {
    readFile,
    async *readBytes(path) {
      yield Buffer.from(await readFile(path))
    },
    allows: files.allows,
    fileNames: async () => [],
    progress() {},
    nowMs: Date.now,
    env: {},
  }
  return { world, outside }
}
