import { passesRoles } from '../../core/actions/index.ts'
import { eventSourceNamed } from '../../core/denial/index.ts'

/** What AWS publishes about one operation: that it authorizes `iam:PassRole`, and its fixed values. */
export type PublishedRow = {
  /** The service's name in `passed-service/`. */
  readonly service: string
  readonly operation: string
  /** Empty: no fixed value is published. */
  readonly values: readonly string[]
  /** The source: a page or file. */
  readonly from: string
}

/** Merges the rows of an operation that several SDK clients have. */
export function mergedRows(rows: readonly PublishedRow[]): readonly PublishedRow[] {
  return [...Map.groupBy(rows, row => `${row.service} ${row.operation}`).values()].flatMap(([first, ...more]) =>
    first === undefined ? [] : [{ ...first, values: [...new Set([first, ...more].flatMap(({ values }) => values))] }],
  )
}

const PAGES = 'https://docs.aws.amazon.com/service-authorization/latest/reference'

/**
 * Parses a tab-separated table: prefix, SDK client, operation, values, other keys, commit, action. Lines
 * with `#` are comments; the last column is set for actions other than `iam:PassRole`.
 */
export function rowsOfTable(text: string): readonly PublishedRow[] {
  const lines = text.split('\n').filter(line => line.trim() !== '' && !line.startsWith('#'))
  const rows = lines.slice(1).flatMap((line): PublishedRow[] => {
    const [prefix = '', , operation = '', values = '', , , action = ''] = line.split('\t')
    if (prefix === '' || operation === '') throw new Error(`not a row of the table: ${line.slice(0, 80)}`)
    if (action !== '' && !passesRoles(action)) return []
    const names = values.split(',').filter(value => value !== '')
    return [{ service: eventSourceNamed(prefix), operation, values: names, from: `${PAGES}/list_${prefix}.html` }]
  })
  return mergedRows(rows)
}
