/**
 * SAM prints stack events as a table whose columns are narrower than an ARN. This joins each wrapped reason on the line where
 * it starts. All columns have the same width and wrap like Python's `textwrap`.
 * https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-cli-command-reference-sam-deploy.html
 */
const LAST_COLUMN = 'ResourceStatusReason'
const HEADER = /^(ResourceStatus +ResourceType +LogicalResourceId +)ResourceStatusReason/
const RULE = /^-{20,}\s*$/
const ROW = /^(?:CREATE|DELETE|IMPORT|REVIEW|ROLLBACK|UPDATE)_/
const GAP = 3
/** More lines than a reason takes in the narrowest columns. */
const MAX_LINES_OF_ROW = 400

type Table = { readonly reasonAt: number; readonly width: number; row: number | null; lastChars: number }

/** Joins the columns and keeps line numbers. `clean` removes the prefix that a build service adds to each line. */
export function withoutColumns(text: string, clean: (line: string) => string): string {
  if (!text.includes(LAST_COLUMN)) return text
  const lines = text.split('\n')
  let table: Table | null = null
  for (const [index, raw] of lines.entries()) {
    if (table === null && !raw.includes(LAST_COLUMN)) continue
    // The AWS toolkit of VS Code puts a comma before each line.
    const line = clean(raw).replace(/^,/, '')
    const reasonAt = HEADER.exec(line)?.[1]?.length
    if (reasonAt !== undefined) table = { reasonAt, width: reasonAt / 3 - GAP, row: null, lastChars: 0 }
    else if (table !== null && !RULE.test(line)) table = withLine(table, lines, index, line)
    else if (table?.row !== null) table = null
  }
  return lines.join('\n')
}

/** The table with one more line. Null: the table has ended. */
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

/** Words that follow a name in a denial or start one. */
const NEXT_WORD = /^(?:arn:|is(?: not|$)|because\b|with an?\b|\(Service)/

/** True when a line break is inside a word: after a hyphen, or in a word longer than its column, such as an ARN. */
function isWithinWord(before: string, cell: string, { width, lastChars }: Table): boolean {
  if (before.endsWith('-') || cell.startsWith('--')) return true
  return lastChars === width && endsWithinArn(before) && !NEXT_WORD.test(cell)
}

function endsWithinArn(text: string): boolean {
  const from = text.lastIndexOf('arn:')
  return from >= 0 && !/\s/.test(text.slice(from)) && (from === 0 || !/\w/.test(text.charAt(from - 1)))
}
