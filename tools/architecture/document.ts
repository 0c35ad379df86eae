/** `ARCHITECTURE.md` with its generated tables. */

export type Tables = { readonly [name: string]: readonly (readonly string[])[] }

/** Throws if a marker is missing, so that no table stays outdated. */
export function withTables(page: string, tables: Tables): string {
  return Object.entries(tables).reduce((text, [name, rows]) => {
    const [begin, end] = [`<!-- ${name}: written by npm run architecture -->`, `<!-- end of ${name} -->`]
    const [from, to] = [text.indexOf(begin), text.indexOf(end)]
    if (from === -1 || to < from) throw new Error(`the page has no ${begin} … ${end}`)
    return `${text.slice(0, from + begin.length)}\n\n${markdownTable(rows)}\n${text.slice(to)}`
  }, page)
}

/** Padded as the formatter pads it. */
export function markdownTable(rows: readonly (readonly string[])[]): string {
  const [head = [], ...body] = rows
  const widths = head.map((_, column) => Math.max(3, ...rows.map(row => row[column]?.length ?? 0)))
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |\n`
  return [line(head), line(widths.map(width => '-'.repeat(width))), ...body.map(line)].join('')
}
