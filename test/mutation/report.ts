import type { Mutant } from './instrument.ts'

export type Result = {
  readonly key: string
  readonly outcome: 'killed' | 'survived' | 'not covered' | 'timeout'
  /** The test that noticed. */
  readonly by: string | null
}

/** The last result of each mutant. */
export function results(jsonLines: string): Map<string, Result> {
  const all = jsonLines.split('\n').filter(line => line !== '')
  return new Map(all.map(line => JSON.parse(line) as Result).map(result => [result.key, result]))
}

/** Lots are hashes, so that every Nth is a random sample. */
export const isChosen = (lot: string, every: number): boolean => Number.parseInt(lot, 16) % every === 0

const folderOf = (file: string): string => file.split('/').slice(2, -1).slice(0, 2).join('/')

export function report(mutants: readonly Mutant[], known: ReadonlyMap<string, Result>) {
  const folders = new Map<string, { killed: number; survived: number; 'not covered': number; unknown: number }>()
  const survivors: object[] = []
  for (const mutant of mutants) {
    const { file, line, column, mutator, original, replacement, key } = mutant
    const outcome = known.get(key)?.outcome ?? 'unknown'
    const row = folders.get(folderOf(file)) ?? { killed: 0, survived: 0, 'not covered': 0, unknown: 0 }
    row[outcome === 'timeout' ? 'killed' : outcome] += 1
    folders.set(folderOf(file), row)
    if (outcome === 'survived' || outcome === 'not covered')
      survivors.push({
        at: `${file}:${line}:${column}`,
        mutator,
        outcome,
        original: short(original),
        replacement: short(replacement),
      })
  }
  const rows = [...folders]
    .map(([folder, counts]) => ({ folder, ...counts }))
    .sort((a, b) => (a.folder < b.folder ? -1 : 1))
  const sum = (of: (row: (typeof rows)[number]) => number) => rows.reduce((all, row) => all + of(row), 0)
  const killed = sum(row => row.killed)
  const tested = killed + sum(row => row.survived + row['not covered'])
  const share = tested === 0 ? 0 : killed / tested
  const lines = rows.map(
    ({ folder, killed: k, survived: s, 'not covered': n, unknown: u }) =>
      `${folder.padEnd(28)} ${`${percent(k, k + s + n)} %`.padStart(8)}  ${k} killed, ${s} survived, ${n} not covered${u > 0 ? `, ${u} not run` : ''}`,
  )
  const text = `${lines.join('\n')}\n${'all'.padEnd(28)} ${`${percent(killed, tested)} %`.padStart(8)}  of ${tested}\n`
  return { text, share, json: { killed, tested, percent: percent(killed, tested), folders: rows, survivors } }
}

const percent = (part: number, whole: number): number => (whole === 0 ? 100 : Math.round((1000 * part) / whole) / 10)

function short(code: string): string {
  const line = code.replace(/\s+/g, ' ')
  return line.length > 120 ? `${line.slice(0, 117)}…` : line
}
