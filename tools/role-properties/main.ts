/**
 * Generates the role properties for preflight and the readers of error texts: CloudFormation's from the CDK's specification,
 * Terraform's from the table in this folder. Exits with 1 if a role of the specification has no row in the table.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec'
import { type GeneratedAssumers, generateAssumers } from './assumers.ts'
import { generateCloudFormation, generateTerraform } from './generate.ts'
import { readDecisions } from './tables.ts'

const FOLDER = new URL('../../core/denial/resource-types/', import.meta.url)
const version = JSON.parse(
  readFileSync(new URL('../../node_modules/@aws-cdk/aws-service-spec/package.json', import.meta.url), 'utf8'),
).version

const cloudFormation = generateCloudFormation(loadAwsServiceSpecSync(), readDecisions('cloudformation.tsv'))
write('cloudformation-roles.json', `@aws-cdk/aws-service-spec ${version}`, cloudFormation.types)
const terraform = generateTerraform(readDecisions('terraform.tsv'))
write('terraform-roles.json', 'hashicorp/aws provider 6.25.0', terraform)
const { assumers, unused } = generateAssumers({ ...cloudFormation.types, ...terraform })
writeAssumers(assumers)

for (const line of cloudFormation.undecided) process.stderr.write(`undecided: ${line}\n`)
for (const line of [...cloudFormation.unused, ...unused]) process.stderr.write(`no such property: ${line}\n`)
process.exitCode = cloudFormation.undecided.length > 0 ? 1 : 0

function write(file: string, source: string, types: object) {
  const rows = Object.entries(types).map(
    ([type, properties]) => `    ${JSON.stringify(type)}: ${JSON.stringify(properties)}`,
  )
  writeFileSync(
    new URL(file, FOLDER),
    `{\n  "source": ${JSON.stringify(source)},\n  "types": {\n${rows.join(',\n')}\n  }\n}\n`,
  )
}

function writeAssumers({ read, instanceProfile, types, sent }: GeneratedAssumers) {
  const lines = (table: object) =>
    Object.entries(table)
      .map(([key, value]) => `    ${JSON.stringify(key)}: ${JSON.stringify(value)}`)
      .join(',\n')
  const head = `  "read": ${JSON.stringify(read)},\n  "instanceProfile": ${JSON.stringify(instanceProfile)},\n`
  const text = `{\n${head}  "types": {\n${lines(types)}\n  },\n  "sent": {\n${lines(sent)}\n  }\n}\n`
  writeFileSync(new URL('role-assumers.json', FOLDER), text)
}
