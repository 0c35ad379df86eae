/** The folder from which rolemedic is deployed without the CDK: `functions/`, `templates/`, `terraform/` and `policies/`. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { WRITE_CONFIG_FILE } from '../functions/domain/config/index.ts'
import { bundle, PACKED_CONFIG_FILE } from '../infra/bundle.ts'
import { codeFiles, releasedTemplates } from '../infra/released/templates.ts'
import { ROOT } from './bundle.ts'
import { type BundledPackage, bundledPackages, noticesText } from './notices.ts'
import { zip } from './zip.ts'

/** Returns the packages whose code is in the functions. */
export async function writeDeployment(folder: string, version: string): Promise<readonly BundledPackage[]> {
  mkdirSync(join(folder, 'functions'))
  const packages = new Map<string, BundledPackage>()
  const bundles = mkdtempSync(join(tmpdir(), 'rolemedic-functions-'))
  try {
    for (const [name, file] of codeFiles(version)) {
      const { metafile } = await bundle(name, join(bundles, name))
      for (const one of bundledPackages(metafile)) packages.set(one.folder, one)
      // The configuration comes in a layer and never from the sample, because it decides who may approve.
      const code = zip(join(bundles, name), each => each !== PACKED_CONFIG_FILE && each !== WRITE_CONFIG_FILE)
      writeFileSync(join(folder, 'functions', file), code)
    }
  } finally {
    rmSync(bundles, { recursive: true })
  }
  for (const { form, stack, template } of releasedTemplates(version)) {
    mkdirSync(join(folder, 'templates', form), { recursive: true })
    writeFileSync(join(folder, 'templates', form, `${stack}.template.json`), `${JSON.stringify(template)}\n`)
  }
  for (const beside of ['terraform', 'policies'])
    cpSync(join(ROOT, 'infra', beside), join(folder, beside), { recursive: true })
  writeFileSync(join(folder, 'VERSION'), `${version}\n`)
  const all = [...packages.values()].sort((a, b) => a.folder.localeCompare(b.folder, 'en'))
  // Required by the licences. Throws if a licence is not allowed.
  writeFileSync(join(folder, 'THIRD_PARTY_NOTICES.txt'), noticesText(all))
  return all
}
