/** A change, or what a person gives to an administrator, in one of the formats in which people keep policies. */
import { neutralText, never } from '../../base/index.ts'
import { parseRoleArn, type Statement } from '../../iam/index.ts'
import type { HandOver } from '../drafting/hand-over.ts'
import { cdkTrustStatement, toCdk } from './cdk.ts'
import { cliTrustStatement, toAwsCli } from './cli.ts'
import { cloudFormationTrustStatement, toCloudFormation } from './cloudformation.ts'
import type { ExportedChange } from './names.ts'
import { terraformTrustStatement, toTerraform } from './terraform.ts'

export const CODE_FORMATS = ['terraform', 'cdk', 'cloudformation', 'cli'] as const
export type CodeFormat = (typeof CODE_FORMATS)[number]

export function changeAs(format: CodeFormat, change: ExportedChange): string {
  switch (format) {
    case 'terraform':
      return toTerraform(change)
    case 'cdk':
      return toCdk(change)
    case 'cloudformation':
      return toCloudFormation(change)
    case 'cli':
      return toAwsCli(change)
    default:
      return never(format)
  }
}

/** Several changes in one output: separate documents in YAML, shared imports in TypeScript. */
export function changesAs(format: CodeFormat, changes: readonly ExportedChange[]): string {
  const parts = changes.map(change => changeAs(format, change))
  if (format === 'cloudformation') return parts.join('---\n')
  if (format !== 'cdk') return parts.join('\n')
  const imports = new Set(parts.flatMap(part => part.split('\n').filter(isImport)))
  const bodies = parts.map(part => part.split('\n').filter(line => !isImport(line)))
  return [...imports, '', ...bodies.flat()].join('\n').replace(/\n{3,}/g, '\n\n')
}

const isImport = (line: string): boolean => line.startsWith('import ')

/** Every line as a comment, so that nobody runs it by accident. */
export const commentedAs = (format: CodeFormat, change: ExportedChange): string =>
  changeAs(format, change)
    .trimEnd()
    .split('\n')
    .map(line => `${signOf(format)} ${line}`.trimEnd())
    .join('\n')

export function handOverAs(format: CodeFormat, handOver: HandOver): string {
  if (handOver.kind === 'caller') return changeAs(format, handOver.change)
  const name = parseRoleArn(handOver.role ?? '')?.name ?? null
  return trustStatementAs(format, name, handOver.statement)
}

function trustStatementAs(format: CodeFormat, role: string | null, statement: Statement): string {
  switch (format) {
    case 'terraform':
      return terraformTrustStatement(role, statement)
    case 'cdk':
      return cdkTrustStatement(role, statement)
    case 'cloudformation':
      return cloudFormationTrustStatement(role, statement)
    case 'cli':
      return cliTrustStatement(role, statement)
    default:
      return never(format)
  }
}

/** Lines of text as comments of this format. Nothing in them can become code. */
export function commentAs(format: CodeFormat, lines: readonly string[]): string {
  return lines.map(line => `${signOf(format)} ${neutralText(line, 4_000)}`.trimEnd()).join('\n')
}

const signOf = (format: CodeFormat): string => (format === 'cdk' ? '//' : '#')

/** The language name of a Markdown code fence. */
export const fenceOf = (format: CodeFormat): string =>
  ({ terraform: 'hcl', cdk: 'ts', cloudformation: 'yaml', cli: 'sh' })[format]
