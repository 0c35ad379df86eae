/**
 * Rows of a query about CloudTrail records, as records: Athena, CloudTrail Lake, Logs Insights, and CSV of any of them. A column bears
 * the name of a member, in any case.
 * https://docs.aws.amazon.com/athena/latest/ug/create-cloudtrail-table.html
 * https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetQueryResults.html
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetQueryResults.html
 */

type Json = { readonly [member: string]: unknown }

/** Members of a record, and below `userIdentity`, as CloudTrail writes them. */
const NAMES: ReadonlyMap<string, string> = new Map(
  [
    ...['eventVersion', 'userIdentity', 'eventTime', 'eventSource', 'eventName', 'awsRegion', 'sourceIPAddress'],
    ...['userAgent', 'errorCode', 'errorMessage', 'requestParameters', 'responseElements', 'requestID', 'eventID'],
    ...['readOnly', 'resources', 'eventType', 'managementEvent', 'recipientAccountId', 'vpcEndpointId', 'tlsDetails'],
    ...['type', 'principalId', 'arn', 'accountId', 'accessKeyId', 'userName', 'identityProvider', 'invokedBy'],
    ...['sessionContext', 'sessionIssuer', 'attributes', 'mfaAuthenticated', 'creationDate', 'webIdFederationData'],
    ...['federatedProvider', 'sourceIdentity', 'ec2RoleDelivery', 'tlsVersion'],
  ].map(name => [name.toLowerCase(), name]),
)

/** Columns that hold a whole value, as JSON or as a structure of SQL. */
const STRUCTURES = new Set(['userIdentity', 'requestParameters', 'resources', 'tlsDetails', 'sessionContext'])

/** Null for a row that names no call. `userIdentity.arn` is the member of a member. */
export function recordOfRow(row: readonly (readonly [column: string, value: unknown])[]): Json | null {
  const record: { [member: string]: unknown } = {}
  for (const [column, value] of row) {
    if (value === null || value === undefined || value === '') continue
    const [first = '', ...path] = column.trim().split('.').slice(0, MAX_PATH).map(nameOf)
    if (first === '__proto__') continue
    if (path.length === 0)
      record[first] = STRUCTURES.has(first) && typeof value === 'string' ? structureIn(value) : value
    else place(record, [first, ...path], value)
  }
  return typeof record['eventName'] === 'string' && typeof record['eventSource'] === 'string' ? record : null
}

const MAX_PATH = 6

const nameOf = (column: string): string => NAMES.get(column.toLowerCase()) ?? column

function place(record: { [member: string]: unknown }, path: readonly string[], value: unknown): void {
  let at = record
  for (const name of path.slice(0, -1)) {
    if (name === '__proto__') return
    const inner = Object.hasOwn(at, name) ? at[name] : undefined
    const next: { [member: string]: unknown } = typeof inner === 'object' && inner !== null ? { ...inner } : {}
    at[name] = next
    at = next
  }
  const last = path.at(-1) ?? ''
  if (last !== '__proto__') at[last] = value
}

/** JSON, or `{type=AssumedRole, arn=arn:…, sessioncontext={attributes={…}}}`; the text itself if it is neither. */
function structureIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text.startsWith('{') && text.length <= MAX_STRUCTURE_CHARS ? structureAt(text, 0, 0).value : text
  }
}

const MAX_STRUCTURE_CHARS = 100_000
const MAX_DEPTH = 8
const FIELD = /[\s,]*([A-Za-z0-9_]{1,64})=/y
/** The next field, or the end of the structure. A session name may hold a comma or an equals sign, and no blank. */
const VALUE_ENDS = /, [A-Za-z0-9_]{1,64}=|[{}]/g

function structureAt(text: string, from: number, depth: number): { readonly value: Json; readonly end: number } {
  const value: { [member: string]: unknown } = {}
  let at = from + 1
  while (at < text.length && depth < MAX_DEPTH) {
    FIELD.lastIndex = at
    const field = FIELD.exec(text)
    if (field === null) break
    at = FIELD.lastIndex
    const name = nameOf(field[1] ?? '')
    if (text[at] === '{') {
      const inner = structureAt(text, at, depth + 1)
      value[name] = inner.value
      at = inner.end
      continue
    }
    VALUE_ENDS.lastIndex = at
    const plain = text.slice(at, VALUE_ENDS.exec(text)?.index ?? text.length)
    at += plain.length
    if (plain !== 'null' && plain !== '') value[name] = plain
  }
  const end = text.indexOf('}', at)
  return { value, end: end === -1 ? text.length : end + 1 }
}

/** `ResultSet.Rows` of Athena: the first row has the names of the columns. */
export function athenaRows(rows: readonly unknown[]): readonly Json[] {
  const cells = rows.map(cellsOf)
  const [head, ...others] = cells
  if (head === undefined || !head.some(name => name?.toLowerCase() === 'eventname')) return []
  return others.flatMap(row => {
    const record = recordOfRow(head.map((name, index) => [name ?? '', row[index] ?? null]))
    return record === null ? [] : [record]
  })
}

function cellsOf(row: unknown): readonly (string | null)[] {
  const data = (row as { Data?: unknown } | null)?.Data
  if (!Array.isArray(data)) return []
  return data.map(cell => {
    const value: unknown = (cell as { VarCharValue?: unknown } | null)?.VarCharValue
    return typeof value === 'string' ? value : null
  })
}

/** A row of Lake, `[{ "eventName": "…" }, { "eventTime": "…" }]`, or of Logs Insights, `[{ "field": "eventName", "value": "…" }]`. */
export function rowOfCells(cells: readonly unknown[]): Json | null {
  if (cells.length < 2 || cells.length > MAX_COLUMNS) return null
  const row: (readonly [string, unknown])[] = []
  for (const cell of cells) {
    if (typeof cell !== 'object' || cell === null || Array.isArray(cell)) return null
    const entries = Object.entries(cell)
    const { field, value } = cell as { field?: unknown; value?: unknown }
    if (typeof field === 'string' && entries.length === 2) row.push([field, value])
    else if (entries.length === 1) row.push(...entries)
    else return null
  }
  return recordOfRow(row)
}

const MAX_COLUMNS = 200

/** The rows of a CSV, by the names in its first line; none where those name nothing of ours. */
export function csvRows(text: string): readonly (readonly (readonly [column: string, value: string])[])[] {
  const head = /^\ufeff?[^\n]{1,4000}/.exec(text)?.[0] ?? ''
  if (!COLUMNS.test(head)) return []
  const [names = [], ...rows] = cellsIn(text, head.includes('\t') && !head.includes(',') ? '\t' : ',')
  return rows.map(row => row.map((value, index) => [names[index] ?? '', value] as const))
}

const COLUMNS =
  /(?:^|[,\t"])(?:eventname|@message|_raw|message|event\.original|raw_data|cloudtrailevent)(?:["',\t\r]|$)/i

/** https://www.rfc-editor.org/rfc/rfc4180 */
function cellsIn(text: string, separator: string): readonly (readonly string[])[] {
  const rows: string[][] = []
  let row: string[] = []
  let at = text.startsWith('\ufeff') ? 1 : 0
  while (at < text.length) {
    const cell = text[at] === '"' ? quotedCell(text, at) : plainCell(text, at, separator)
    row.push(cell.text)
    at = cell.end
    if (text[at] === separator) {
      at += 1
      continue
    }
    while (text[at] === '\r') at += 1
    if (text[at] === '\n') at += 1
    rows.push(row)
    row = []
  }
  return rows
}

function quotedCell(text: string, from: number): { readonly text: string; readonly end: number } {
  let cell = ''
  let at = from + 1
  for (;;) {
    const quote = text.indexOf('"', at)
    if (quote === -1) return { text: cell + text.slice(at), end: text.length }
    cell += text.slice(at, quote)
    if (text[quote + 1] !== '"') {
      // What follows a quote and is no separator belongs to nothing.
      let end = quote + 1
      while (end < text.length && !',\t\r\n'.includes(text[end] ?? '')) end += 1
      return { text: cell, end }
    }
    cell += '"'
    at = quote + 2
  }
}

function plainCell(text: string, from: number, separator: string): { readonly text: string; readonly end: number } {
  let end = from
  while (end < text.length && text[end] !== separator && text[end] !== '\n' && text[end] !== '\r') end += 1
  return { text: text.slice(from, end), end }
}
