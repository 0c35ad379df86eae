import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Every word of the code below some folders: whatever it could ask for by name. */
export async function namesIn(folders: readonly string[]): Promise<ReadonlySet<string>> {
  const files = await Promise.all(
    folders.map(async folder => (await readdir(folder, { recursive: true })).map(name => join(folder, name))),
  )
  const code = files.flat().filter(name => /\.(ts|js)$/.test(name))
  const texts = await Promise.all(code.map(name => readFile(name, 'utf8')))
  return new Set(texts.flatMap(text => text.match(/\b\w+/g) ?? []))
}
