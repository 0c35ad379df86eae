/** `npm run build`: writes `dist/`, what the package ships. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { version } from '../cli/version.ts'
import { bundleEntries, ROOT } from './bundle.ts'
import { outputDeclarations } from './declarations.ts'
import { bundledPackages, noticesText } from './notices.ts'
import { manualPage } from './reference.ts'

const DIST = join(ROOT, 'dist')

const metafile = await bundleEntries({ rolemedic: 'cli/main.ts' }, DIST)
const packages = bundledPackages(metafile)
writeFileSync(join(DIST, 'THIRD_PARTY_NOTICES.txt'), noticesText(packages))
writeFileSync(join(DIST, 'outputs.d.ts'), outputDeclarations())
mkdirSync(join(DIST, 'man'))
writeFileSync(join(DIST, 'man/rolemedic.1'), await manualPage(version()))
const bytes = Object.values(metafile.outputs).reduce((sum, one) => sum + one.bytes, 0)
console.log(`dist/: ${(bytes / 1e6).toFixed(1)} MB of ${packages.length} packages and rolemedic`)
