/** The result of a bench: ratios to keep, tables to read, and gates that decide the exit code. */
export type Gate = { readonly name: string; readonly passed: boolean; readonly detail: string }
export type Cell = string | number
export type Table = {
  readonly title: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly Cell[])[]
}
export type Report = {
  readonly tables: readonly Table[]
  readonly gates: readonly Gate[]
  /** Ratios of two values that were measured together. A second run must reproduce them within 20 %. */
  readonly ratios: { readonly [name: string]: number }
  readonly notes: readonly string[]
}
export type Bench = () => Promise<Report>

export function atMost(name: string, value: number, limit: number): Gate {
  return { name, passed: value <= limit, detail: `${shown(value)}, at most ${shown(limit)}` }
}

export function exactly(name: string, value: number, wanted: number): Gate {
  return { name, passed: value === wanted, detail: `${shown(value)}, exactly ${shown(wanted)}` }
}

export function atLeast(name: string, value: number, limit: number): Gate {
  return { name, passed: value >= limit, detail: `${shown(value)}, at least ${shown(limit)}` }
}

/** Measurements on a shared machine justify three significant digits. Counts stay exact. */
function shown(cell: Cell): string {
  if (typeof cell === 'string') return cell
  if (Number.isInteger(cell)) return cell.toLocaleString('en')
  return Number(cell.toPrecision(3)).toLocaleString('en', { maximumFractionDigits: 6 })
}

export function printed({ tables, gates, notes }: Report): string {
  const lines = tables.flatMap(table => ['', table.title, ...aligned(table)])
  const verdicts = gates.map(({ name, passed, detail }) => `${passed ? 'ok  ' : 'FAIL'} ${name}: ${detail}`)
  return [...lines, '', ...notes.map(note => `Note: ${note}`), ...verdicts].join('\n')
}

function aligned({ columns, rows }: Table): readonly string[] {
  const all = [columns, ...rows.map(row => row.map(shown))]
  const widths = columns.map((_, at) => Math.max(...all.map(row => row[at]?.length ?? 0)))
  const isNumber = columns.map((_, at) => rows.every(row => typeof row[at] === 'number'))
  const line = (row: readonly string[]) =>
    row
      .map((cell, at) => (isNumber[at] ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0)))
      .join('  ')
      .trimEnd()
  return all.map(row => `  ${line(row)}`)
}
