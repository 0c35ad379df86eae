/** `npm run build`: writes `dist/`, what the package ships. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bundleEntries, ROOT } from './bundle.ts'
import { bundledPackages, noticesText } from './notices.ts'

const DIST = join(ROOT, 'dist')

const metafile = await bundleEntries({ rolemedic: 'cli/main.ts' }, DIST)
const packages = bundledPackages(metafile)
writeFileSync(join(DIST, 'THIRD_PARTY_NOTICES.txt'), noticesText(packages))
const bytes = Object.values(metafile.outputs).reduce((sum, one) => sum + one.bytes, 0)
console.log(`dist/: ${(bytes / 1e6).toFixed(1)} MB of ${packages.length} packages and rolemedic`)
