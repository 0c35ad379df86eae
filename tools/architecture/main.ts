/** `npm run architecture`: writes the generated tables of `ARCHITECTURE.md`. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { functionsTable } from './access.ts'
import { withTables } from './document.ts'
import { PROJECT, roomTable } from './rooms.ts'
import { testsTable } from './tests.ts'

const page = join(PROJECT, 'ARCHITECTURE.md')
const tables = { functions: functionsTable(), rooms: roomTable(), tests: testsTable() }
writeFileSync(page, withTables(readFileSync(page, 'utf8'), tables))
