/** Which functions may sign, verify, and read or write which items, from the policies of the template. */
import { KEY_USES } from '../functions/domain/authority/index.ts'

type Statement = {
  readonly Effect: string
  readonly Action: string | readonly string[]
  readonly Resource?: unknown
  readonly Condition?: {
    readonly 'ForAllValues:StringLike'?: { readonly 'dynamodb:LeadingKeys'?: string | readonly string[] }
  }
}
type Resource = { readonly Type: string; readonly Properties?: Readonly<Record<string, unknown>> }
export type AccessTemplate = { readonly Resources?: { readonly [id: string]: Resource } }

export type AccessRow = { readonly who: string; readonly call: string; readonly on: string }

const SHOWN = /^(kms:(Sign|GetPublicKey)|dynamodb:\w+)$/

function accessRows({ Resources = {} }: AccessTemplate): readonly AccessRow[] {
  const policies = Object.values(Resources).filter(({ Type }) => Type === 'AWS::IAM::Policy')
  const rows = policies.flatMap(({ Properties = {} }) => {
    const { Statement: statements } = Properties['PolicyDocument'] as { readonly Statement: readonly Statement[] }
    const names = ((Properties['Roles'] ?? []) as readonly { readonly Ref: string }[]).map(({ Ref }) =>
      String(Resources[Ref]?.Properties?.['RoleName'] ?? Ref),
    )
    return names.flatMap(who => statements.flatMap(statement => rowsOf(who, statement)))
  })
  return rows.sort((a, b) => order(a).localeCompare(order(b)))
}

const order = ({ call, who, on }: AccessRow) => `${call} ${who} ${on}`

function rowsOf(who: string, { Effect, Action, Resource: resource, Condition }: Statement): readonly AccessRow[] {
  if (Effect !== 'Allow') return []
  const keys = [Condition?.['ForAllValues:StringLike']?.['dynamodb:LeadingKeys'] ?? []].flat()
  return [Action]
    .flat()
    .filter(call => SHOWN.test(call))
    .flatMap(call => (keys.length > 0 ? keys : [resource].flat().map(nameOf)).map(on => ({ who, call, on })))
}

const KEYS = KEY_USES.map(use => `${use.charAt(0).toUpperCase()}${use.slice(1)}Key`)
const NAMED = new RegExp([...KEYS, 'Proposals'].join('|'))

/** The name of a resource; for an imported key, its logical id. A table statement without a condition would show up here. */
const nameOf = (resource: unknown): string => {
  const text = JSON.stringify(resource)
  return NAMED.exec(text)?.[0] ?? text
}

export function accessTable(template: AccessTemplate): string {
  const rows = Map.groupBy(accessRows(template), ({ call, on }) => `${call}\t${on}`)
  const lines = [...rows].map(([what, who]) => {
    const [call = '', on = ''] = what.split('\t')
    return `${call.padEnd(22)} ${on.padEnd(24)} ${who.map(row => row.who.replace(/^rolemedic-/, '')).join(' ')}`
  })
  return `${lines.join('\n')}\n`
}
