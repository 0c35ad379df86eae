/** `npm run threat-model`: writes `docs/threat-model.md`. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PROJECT } from '../architecture/rooms.ts'
import { threatModelPage } from './page.ts'
import { threatModel } from './threat-model.ts'

writeFileSync(join(PROJECT, 'docs/threat-model.md'), threatModelPage(threatModel()))
