/** The folder from which rolemedic is deployed without the CDK: `functions/`, `templates/`, and `terraform/` beside them. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundle, CONFIG_FILE, FUNCTIONS } from '../infra/bundle.ts'
import { codeFile, releasedTemplates } from '../infra/released/templates.ts'
import { ROOT } from './bundle.ts'
import { zip } from './zip.ts'

export async function writeDeployment(folder: string, version: string): Promise<void> {
  mkdirSync(join(folder, 'functions'))
  const bundles = mkdtempSync(join(tmpdir(), 'rolemedic-functions-'))
  try {
    for (const name of FUNCTIONS) {
      await bundle(name, join(bundles, name))
      // Who may approve comes in a layer, and never from a sample.
      const code = zip(join(bundles, name), file => file !== CONFIG_FILE)
      writeFileSync(join(folder, 'functions', codeFile(name, version)), code)
    }
  } finally {
    rmSync(bundles, { recursive: true })
  }
  for (const { form, stack, template } of releasedTemplates(version)) {
    mkdirSync(join(folder, 'templates', form), { recursive: true })
    writeFileSync(join(folder, 'templates', form, `${stack}.template.json`), `${JSON.stringify(template)}\n`)
  }
  cpSync(join(ROOT, 'infra/terraform'), join(folder, 'terraform'), { recursive: true })
  writeFileSync(join(folder, 'VERSION'), `${version}\n`)
}
