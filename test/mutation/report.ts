import type { Mutant } from './instrument.ts'

export type Result = {
  readonly key: string
  readonly outcome: 'killed' | 'survived' | 'not covered' | 'timeout'
  /** The test that killed it. */
  readonly by: string | null
}

/** Why mutants change nothing that a test could detect, by file. */
export type Reasons = {
  readonly [file: string]: readonly { readonly why: string; readonly mutants: readonly string[] }[]
}

/** The last result of each mutant. */
export function results(jsonLines: string): Map<string, Result> {
  const all = jsonLines.split('\n').filter(line => line !== '')
  return new Map(all.map(line => JSON.parse(line) as Result).map(result => [result.key, result]))
}

/** Lots are hashes, so every Nth is a random sample, and each offset below N gives another one. */
export const isChosen = (lot: string, every: number, offset = 0): boolean => Number.parseInt(lot, 16) % every === offset

const folderOf = (file: string): string => file.split('/').slice(0, -1).join('/')

/** The name in a reason. Stable as long as the code of the mutant is. */
export function nameOf({ original, replacement, occurrence }: Mutant): string {
  const name = `${short(original)} → ${short(replacement)}`
  return occurrence === 1 ? name : `${name} #${occurrence}`
}

/** `all`: every mutant of these files. `chosen`: those of the sample. */
export function report(
  all: readonly Mutant[],
  chosen: readonly Mutant[],
  known: ReadonlyMap<string, Result>,
  reasons: Reasons,
) {
  const folders = new Map<string, { killed: number; survived: number; 'not covered': number; unknown: number }>()
  const survivors: Survivor[] = []
  for (const mutant of chosen) {
    const { file, line, column, mutator, key } = mutant
    const outcome = known.get(key)?.outcome ?? 'unknown'
    const row = folders.get(folderOf(file)) ?? { killed: 0, survived: 0, 'not covered': 0, unknown: 0 }
    row[outcome === 'timeout' ? 'killed' : outcome] += 1
    folders.set(folderOf(file), row)
    if (outcome === 'survived' || outcome === 'not covered')
      survivors.push({
        at: `${file}:${line}:${column}`,
        mutator,
        outcome,
        mutant: nameOf(mutant),
        why: reasons[file]?.find(({ mutants }) => mutants.includes(nameOf(mutant)))?.why ?? null,
      })
  }
  const rows = [...folders]
    .map(([folder, counts]) => ({ folder, ...counts }))
    .sort((a, b) => (a.folder < b.folder ? -1 : 1))
  const sum = (of: (row: (typeof rows)[number]) => number) => rows.reduce((total, row) => total + of(row), 0)
  const killed = sum(row => row.killed)
  // A mutant that was not run counts as not killed.
  const tested = killed + sum(row => row.survived + row['not covered'] + row.unknown)
  const share = tested === 0 ? 0 : killed / tested
  const lines = rows.map(
    ({ folder, killed: k, survived: s, 'not covered': n, unknown: u }) =>
      `${folder.padEnd(28)} ${`${percent(k, k + s + n + u)} %`.padStart(8)}  ${k} killed, ${s} survived, ${n} not covered${u > 0 ? `, ${u} not run` : ''}`,
  )
  const complaints = [
    ...survivors.filter(({ why }) => why === null).map(({ at, mutant }) => `no reason: ${at}  ${mutant}`),
    ...staleReasons(all, known, reasons),
  ]
  const text = [
    ...survivors.flatMap(({ at, mutant, why }) => (why === null ? [] : [`${at}  ${mutant}\n    ${why}`])),
    ...(survivors.length === 0 ? [] : ['']),
    ...lines,
    `${'all'.padEnd(28)} ${`${percent(killed, tested)} %`.padStart(8)}  of ${tested}`,
    ...complaints,
  ].join('\n')
  const json = { killed, tested, percent: percent(killed, tested), folders: rows, survivors }
  return { text: `${text}\n`, share, complaints, json }
}

type Survivor = {
  readonly at: string
  readonly mutator: string
  readonly outcome: 'survived' | 'not covered'
  readonly mutant: string
  readonly why: string | null
}

/** Reasons for mutants that do not exist any more, or are killed now. Checks only files of this run. */
function staleReasons(all: readonly Mutant[], known: ReadonlyMap<string, Result>, reasons: Reasons): readonly string[] {
  return [...Map.groupBy(all, ({ file }) => file)].flatMap(([file, mutants]) => {
    const byName = new Map(mutants.map(mutant => [nameOf(mutant), mutant.key]))
    return (reasons[file] ?? []).flatMap(reason =>
      reason.mutants.flatMap(name => {
        const key = byName.get(name)
        if (key === undefined) return [`a reason for code that is gone: ${file}  ${name}`]
        const outcome = known.get(key)?.outcome
        return outcome === 'killed' || outcome === 'timeout' ? [`a reason for a killed mutant: ${file}  ${name}`] : []
      }),
    )
  })
}

const percent = (part: number, whole: number): number => (whole === 0 ? 100 : Math.round((1000 * part) / whole) / 10)

function short(code: string): string {
  const line = code.replace(/\s+/g, ' ')
  return line.length > 120 ? `${line.slice(0, 117)}…` : line
}
