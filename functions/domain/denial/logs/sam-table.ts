/**
 * SAM prints the events of a stack as a table whose columns are narrower than an ARN: a reason is put together again here,
 * on the line where it begins. Columns are as wide as each other, and wrapped as Python's `textwrap` does.
 * https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-cli-command-reference-sam-deploy.html
 */
const LAST_COLUMN = 'ResourceStatusReason'
const HEADER = /^(ResourceStatus +ResourceType +LogicalResourceId +)ResourceStatusReason/
const RULE = /^-{20,}\s*$/
const ROW = /^(?:CREATE|DELETE|IMPORT|REVIEW|ROLLBACK|UPDATE)_/
const GAP = 3
/** In the narrowest columns a reason of CloudFormation takes far fewer. */
const MAX_LINES_OF_ROW = 400

type Table = { readonly reasonAt: number; readonly width: number; row: number | null; lastChars: number }

/** Line numbers stay. `clean` takes off what a build service puts before each line. */
export function withoutColumns(text: string, clean: (line: string) => string): string {
  if (!text.includes(LAST_COLUMN)) return text
  const lines = text.split('\n')
  let table: Table | null = null
  for (const [index, raw] of lines.entries()) {
    if (table === null && !raw.includes(LAST_COLUMN)) continue
    const line = clean(raw)
    const reasonAt = HEADER.exec(line)?.[1]?.length
    if (reasonAt !== undefined) table = { reasonAt, width: reasonAt / 3 - GAP, row: null, lastChars: 0 }
    else if (table !== null && !RULE.test(line)) table = withLine(table, lines, index, line)
    else if (table?.row !== null) table = null
  }
  return lines.join('\n')
}

/** Null where the table has ended. */
function withLine(table: Table, lines: string[], index: number, line: string): Table | null {
  if (line.slice(table.reasonAt - GAP, table.reasonAt).trim() !== '') return null
  const cell = line.slice(table.reasonAt).trim()
  if (ROW.test(line)) {
    lines[index] = cell
    return { ...table, row: index, lastChars: cell.length }
  }
  if (table.row === null || cell === '') return table
  if (index - table.row > MAX_LINES_OF_ROW) return null
  const before = lines[table.row] ?? ''
  lines[table.row] = `${before}${isWithinWord(before, cell, table) ? '' : ' '}${cell}`
  lines[index] = ''
  return { ...table, lastChars: cell.length }
}

/** RichText that follow a name in a denial, or begin one. */
const NEXT_WORD = /^(?:arn:|is(?: not|$)|because\b|with an?\b|\(Service)/

/** A word is broken after a hyphen, or where it is longer than its column, as ARNs are. */
function isWithinWord(before: string, cell: string, { width, lastChars }: Table): boolean {
  if (before.endsWith('-') || cell.startsWith('--')) return true
  return lastChars === width && /\barn:\S*$/.test(before) && !NEXT_WORD.test(cell)
}
