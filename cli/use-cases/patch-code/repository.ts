/** The files of a checkout that may define roles, within limits. Follows no links but those between its Terraform files. */

import { lstatSync, readFileSync, realpathSync } from 'node:fs'
import { lstat, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { UsageError } from '../../../core/base/index.ts'
import {
  type CodeEdit,
  isEditablePath,
  isSkippedFolder,
  type LeftOut,
  MAX_CHARS,
  MAX_FILES,
  type SourceFile,
} from '../../../iac/edit/index.ts'
import { checkoutOf } from '../preflight/checkout.ts'

export type CodeCheckout = {
  readonly files: readonly SourceFile[]
  /** One line per file that was not read. */
  readonly skipped: readonly string[]
  /** Code that was not read and may make the role too. */
  readonly leftOut: LeftOut
}

const MAX_TOTAL_CHARS = 200_000_000
const MAX_DEPTH = 40

export async function readRepository(folder: string): Promise<CodeCheckout> {
  const info = await lstat(folder).catch(() => null)
  if (info === null) throw new UsageError(`${folder}: no such folder`)
  if (!(info.isDirectory() || info.isSymbolicLink())) throw new UsageError(`${folder}: is not a folder`)
  const files: SourceFile[] = []
  const skipped: string[] = []
  const paths: string[] = []
  const folders: string[] = []
  const isInside = checkoutOf(join(folder, 'x'))
  const targets = new Set<string>()
  let total = 0
  let isCut = false
  const leaveOut = (path: string, why: string): void => {
    skipped.push(`${path}: ${why}`)
    folders.push(path)
  }
  const visit = async (below: string, depth: number): Promise<void> => {
    const entries = await readdir(join(folder, below), { withFileTypes: true }).catch(cause => {
      if (below === '') throw new UsageError(`${folder}: cannot be read`, { cause })
      leaveOut(below, 'cannot be read')
      return []
    })
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = below === '' ? entry.name : `${below}/${entry.name}`
      if (entry.isDirectory()) {
        if (isSkippedFolder(path)) continue
        if (depth < MAX_DEPTH) await visit(path, depth + 1)
        else leaveOut(path, `is nested in more than ${MAX_DEPTH} folders`)
        continue
      }
      if (!isEditablePath(path)) continue
      const linked = entry.isSymbolicLink() ? linkedFile(join(folder, path), isInside) : null
      if (linked !== null) targets.add(linked)
      else if (!entry.isFile()) {
        skipped.push(`${path}: is not a plain file`)
        paths.push(path)
        continue
      }
      if (files.length >= MAX_FILES || total >= MAX_TOTAL_CHARS) {
        isCut = true
        return
      }
      const text = textOf(linked ?? join(folder, path))
      if (typeof text !== 'string') {
        skipped.push(`${path}: ${text.why}`)
        if (!(text.why === TOO_LARGE && isData(path))) paths.push(path)
      } else {
        files.push(linked === null ? { path, text } : { path, text, isLinked: true })
        total += text.length
      }
    }
  }
  await visit('', 0)
  const root = realpathSync(folder)
  const marked = files.map(file => (targets.has(join(root, file.path)) ? { ...file, isLinked: true as const } : file))
  return { files: targets.size === 0 ? files : marked, skipped, leftOut: { paths, folders, isCut } }
}

const TERRAFORM = /\.(?:tf|tofu)$/

/** The Terraform file of this checkout that the link leads to. Null: it leads to something else. */
function linkedFile(link: string, isInside: (path: string) => boolean): string | null {
  try {
    const target = realpathSync(link)
    const isCode = TERRAFORM.test(link) && TERRAFORM.test(target) && lstatSync(target).isFile()
    return isCode && isInside(target) ? target : null
  } catch {
    return null
  }
}

const UTF_8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const TOO_LARGE = 'is larger than 1 MB'
/** CloudFormation accepts no template of this size. */
const isData = (path: string): boolean =>
  /\.(?:ya?ml|json|template)$/.test(path) && !/\.(?:tf|tofu|tfvars)\.json$/.test(path)

/** Synchronous: of ten thousand small files, most of the time would be the change of threads. */
function textOf(path: string): string | { readonly why: string } {
  try {
    if (lstatSync(path).size > MAX_CHARS) return { why: TOO_LARGE }
    const bytes = readFileSync(path)
    return bytes.includes(0) ? { why: 'is not a text' } : UTF_8.decode(bytes)
  } catch (fault) {
    return { why: fault instanceof TypeError ? 'is not UTF-8' : 'cannot be read' }
  }
}

/** Replaces each file as a whole, and only if it is unchanged since it was read. */
export async function writeEdits(folder: string, edits: readonly CodeEdit[]): Promise<void> {
  for (const { file, before } of edits) {
    const path = join(folder, file)
    const info = await lstat(path).catch(() => null)
    if (info?.isFile() !== true || textOf(path) !== before)
      throw new UsageError(`${file} has changed since it was read: nothing was written`)
  }
  for (const { file, after } of edits) {
    const path = join(folder, file)
    const { mode } = await lstat(path)
    const made = `${path}.rolemedic-${process.pid}`
    try {
      await writeFile(made, after, { mode, flag: 'wx' })
      await rename(made, path)
    } catch (cause) {
      await rm(made, { force: true })
      throw new UsageError(`${file} cannot be written`, { cause })
    }
  }
}
