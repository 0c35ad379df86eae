/** `npm run schema`: writes the JSON Schema of `rolemedic.config.json` for editors. */

import { writeFileSync } from 'node:fs'
import { configJsonSchema } from '../functions/domain/config/index.ts'

writeFileSync(new URL('../docs/rolemedic.config.schema.json', import.meta.url), configJsonSchema())
