/** The code that an edit is looked for in, read in bounded numbers. */
import { plural } from '../../core/base/index.ts'
import type { LeftOut, SourceFile } from '../../iac/edit/index.ts'
import { CODE_OWNERS_FILES, codeOwnersOf, isCodePath, type Repository } from '../../iac/repository/index.ts'
import { type CodeHost, HostError, type HostFile } from '../ports/git/code-host.ts'

export type Sources = {
  /** The commit that was read. */
  readonly commit: string
  readonly files: readonly SourceFile[]
  /** CODEOWNERS, where the commit has one. */
  readonly owners: HostFile | null
  /** What was not read of the code: it may make the same role. */
  readonly leftOut: LeftOut
  /** The same in sentences. */
  readonly notes: readonly string[]
}

export const MAX_SOURCE_FILES = 400
export const MAX_FILE_BYTES = 512 * 1024
const MAX_ALL_BYTES = 12 * 1024 * 1024
const AT_ONCE = 8

/** `hinted`: files that tags name. Where there are too many, only what is in their folders is read. */
export async function readSources(
  commit: string,
  repository: Repository,
  hinted: readonly string[],
  host: CodeHost,
): Promise<Sources> {
  const listed = await host.files(commit)
  const owners = CODE_OWNERS_FILES.flatMap(path => listed.files.find(file => file.path === path) ?? [])[0] ?? null
  const all = listed.files.filter(({ path }) => isCodePath(path, repository))
  const wanted = all.length <= MAX_SOURCE_FILES ? all : near(all, hinted)
  const notes = listed.complete ? [] : ['The repository has more files than its host lists.']
  if (wanted.length > MAX_SOURCE_FILES || (wanted.length === 0 && all.length > 0))
    throw new HostError(
      'invalid',
      `"paths" of ${repository.repository} hold ${all.length} files, and at most ${MAX_SOURCE_FILES} are read: name the folders of this account`,
    )
  const large = wanted.filter(({ bytes }) => (bytes ?? 0) > MAX_FILE_BYTES)
  const files = await read(
    wanted.filter(file => !large.includes(file)),
    commit,
    host,
  )
  const tooLarge = [
    ...large.map(({ path }) => path),
    ...files.filter(({ text }) => text.length > MAX_FILE_BYTES).map(({ path }) => path),
  ]
  if (tooLarge.length > 0)
    notes.push(
      `Not read, as larger than ${MAX_FILE_BYTES / 1024} KB: ${plural(tooLarge.length, 'file')}, such as ${tooLarge[0]}.`,
    )
  const whole = files.filter(({ path }) => !tooLarge.includes(path))
  const isRead = new Set(whole.map(({ path }) => path))
  const paths = all.map(({ path }) => path).filter(path => !isRead.has(path))
  return { commit, files: whole, owners, leftOut: { paths, isCut: !listed.complete }, notes }
}

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/') + 1)

function near(files: readonly HostFile[], hinted: readonly string[]): readonly HostFile[] {
  const folders = new Set(hinted.map(path => folderOf(path.replace(/^\.?\//, ''))))
  return files.filter(({ path }) => folders.has(folderOf(path)))
}

async function read(files: readonly HostFile[], commit: string, host: CodeHost): Promise<readonly SourceFile[]> {
  const texts = new Map<string, string>()
  let next = 0
  let bytes = 0
  const worker = async (): Promise<void> => {
    for (let file = files[next++]; file !== undefined; file = files[next++]) {
      if (bytes > MAX_ALL_BYTES)
        throw new HostError('invalid', 'the code is too large to be read: name the folders of this account in "paths"')
      const text = await host.text(file, commit)
      if (text === null) continue
      bytes += text.length
      texts.set(file.path, text)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  return files.flatMap(({ path }) => {
    const text = texts.get(path)
    return text === undefined ? [] : [{ path, text }]
  })
}

/** Whom CODEOWNERS names for these files. */
export async function ownersOf(
  { owners, commit }: Sources,
  files: readonly string[],
  host: CodeHost,
): Promise<readonly string[]> {
  const text = owners === null ? null : await host.text(owners, commit)
  return text === null ? [] : codeOwnersOf(text, files)
}
