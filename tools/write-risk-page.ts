/** `npm run risk-page`: writes the table of known escalation paths into `docs/risk.md`. */
import { readFileSync, writeFileSync } from 'node:fs'
import { riskTable } from '../cli/risk-table.ts'

const page = new URL('../docs/risk.md', import.meta.url)
const HEADING = '## Every path\n'
const [before] = readFileSync(page, 'utf8').split(HEADING)
writeFileSync(page, `${before}${HEADING}\n${riskTable()}`)
