/** `npm run reference`: writes `docs/cli.md` and `schemas/`. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { OUTPUT_NAMES, outputSchemaText } from '../cli/outputs/outputs.ts'
import { ROOT } from './bundle.ts'
import { referencePage } from './reference.ts'

const schemas = join(ROOT, 'schemas')
rmSync(schemas, { recursive: true, force: true })
mkdirSync(schemas)
for (const name of OUTPUT_NAMES) writeFileSync(join(schemas, `${name}.json`), outputSchemaText(name))
writeFileSync(join(ROOT, 'docs/cli.md'), await referencePage())
