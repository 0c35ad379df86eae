/** Writes `dist/`, what the package ships. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { version } from '../cli/version.ts'
import { bundleEntries, ROOT } from './bundle.ts'
import { outputDeclarations } from './declarations.ts'
import { libraryDeclarations } from './library-types.ts'
import { type BundledPackage, bundledPackages, noticesText } from './notices.ts'
import { manualPage } from './reference.ts'

const ENTRIES = { rolemedic: 'cli/main.ts', action: 'cli/ci/action.ts', core: 'core/index.ts' }

/** Returns the packages whose code is in the bundle. */
export async function writePackage(): Promise<readonly BundledPackage[]> {
  const dist = join(ROOT, 'dist')
  const metafile = await bundleEntries(ENTRIES, dist)
  const packages = bundledPackages(metafile)
  writeFileSync(join(dist, 'THIRD_PARTY_NOTICES.txt'), noticesText(packages))
  writeFileSync(join(dist, 'outputs.d.ts'), outputDeclarations())
  writeFileSync(join(dist, 'core.d.ts'), libraryDeclarations())
  mkdirSync(join(dist, 'man'))
  writeFileSync(join(dist, 'man/rolemedic.1'), await manualPage(version()))
  const bytes = Object.values(metafile.outputs).reduce((sum, one) => sum + one.bytes, 0)
  console.log(`dist/: ${(bytes / 1e6).toFixed(1)} MB of ${packages.length} packages and rolemedic`)
  return packages
}
