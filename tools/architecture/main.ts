/** `npm run architecture`: writes the tables of `ARCHITECTURE.md` that the code knows. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { accessTable } from './access.ts'
import { withTables } from './document.ts'
import { ROOT, roomTable } from './rooms.ts'

const page = join(ROOT, 'ARCHITECTURE.md')
writeFileSync(page, withTables(readFileSync(page, 'utf8'), { functions: accessTable(), rooms: roomTable() }))
