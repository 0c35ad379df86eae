/**
 * A prefix tree of names, to find names similar to a wanted one without comparing it with all of them. The search skips a branch if no name
 * in it can be close enough: the edits so far, and the lengths and letters below, give a lower bound. Branches are created on first visit.
 */
import { codesOf, editRow, firstRow, mostEdits } from '../base/index.ts'

export type Named = { readonly name: string; readonly arn: string }

type Folded = Named & { readonly folded: string }

type Branch = {
  /** The number of letters that all names of the branch share with their siblings. */
  readonly from: number
  readonly names: readonly Folded[]
  readonly shortest: number
  readonly longest: number
  /** The letters that occur after `from` in any of its names. */
  readonly letters: Letters
  readonly firstArn: string
  parts(): Parts
}

type Parts = {
  /** The text after `from` that all names of the branch share. */
  readonly shared: string
  /** Names that end after `shared`. */
  readonly ends: readonly Folded[]
  /** One per next letter. The branch with the first ARN is last. */
  readonly branches: readonly Branch[]
}

/** A bit set of letters, in two halves. Rare letters share bits, which only weakens the bound. */
type Letters = { readonly alphabet: number; readonly others: number }

export type NameTree = {
  /** At most `most` names, closest first, then by ARN. Calls `onCompare` once per comparison with a name or a shared prefix. */
  nearest(wanted: string, most: number, onCompare?: () => void): readonly Named[]
}

export function nameTree(names: readonly Named[]): NameTree {
  const root = branchOf(
    names.map(one => ({ ...one, folded: one.name.toLowerCase() })),
    0,
  )
  return { nearest: (wanted, most, onCompare = () => {}) => search(root, wanted, most, onCompare) }
}

type Step = {
  readonly branch: Branch
  /** The row of edit distances from the letters before the branch to each prefix of the wanted name. */
  readonly row: readonly number[]
  /** So far, one of the two is a prefix of the other. */
  readonly isBeginning: boolean
}

function search(root: Branch, wanted: string, most: number, onCompare: () => void): readonly Named[] {
  const folded = wanted.toLowerCase()
  const codes = codesOf(folded)
  const best: (Named & { readonly distance: number })[] = []
  const isTooFar = (distance: number, arn: string) => {
    const last = best.length < most ? undefined : best.at(-1)
    return last !== undefined && (distance > last.distance || (distance === last.distance && arn > last.arn))
  }
  const consider = ({ name, arn, folded: { length } }: Folded, edits: number, isBeginning: boolean) => {
    if (edits > 0 && edits > mostEdits(Math.max(length, codes.length), isBeginning)) return
    const distance = edits === 0 && name !== wanted ? ONLY_CASE : edits
    if (isTooFar(distance, arn)) return
    best.push({ name, arn, distance })
    best.sort((a, b) => a.distance - b.distance || (a.arn < b.arn ? -1 : 1))
    best.length = Math.min(best.length, most)
  }
  /** Branches to visit, by their lower bound of edits. */
  const steps: Step[][] = []
  const add = (branch: Branch, row: readonly number[], isBeginning: boolean) => {
    const least = leastEdits(branch, row, codes)
    const longest = Math.max(branch.longest, codes.length)
    if (least > Math.max(mostEdits(longest, false), isBeginning ? mostEdits(longest, true) : 0)) return
    while (steps.length <= least) steps.push([])
    steps[least]?.push({ branch, row, isBeginning })
  }

  if (root.names.length > 0) add(root, firstRow(codes), true)
  for (const [least, waiting] of steps.entries()) {
    // The first ARN is visited first: names found early exclude more of the others.
    waiting.sort((a, b) => (a.branch.firstArn < b.branch.firstArn ? 1 : -1))
    for (let step = waiting.pop(); step !== undefined; step = waiting.pop()) {
      const { branch } = step
      if (isTooFar(least, branch.firstArn)) continue
      onCompare()
      const { shared, ends, branches } = branch.parts()
      let { row } = step
      for (let at = 0; at < shared.length; at += 1) row = editRow(row, shared.charCodeAt(at), codes)
      const isBeginning = step.isBeginning && shared.startsWith(folded.slice(branch.from, branch.from + shared.length))
      for (const one of ends) consider(one, row.at(-1) ?? 0, isBeginning)
      for (const one of branches) add(one, row, isBeginning)
    }
  }
  return best
}

/** The distance of names that differ only in case, as in `nameDistance`. */
const ONLY_CASE = 0.5

/** A lower bound for the edits to any name of the branch. */
function leastEdits({ from, shortest, longest, letters }: Branch, row: readonly number[], codes: readonly number[]) {
  let least = Number.POSITIVE_INFINITY
  /** Letters in the rest of the wanted name that no name below contains. Each costs one edit. */
  let foreign = 0
  for (let at = codes.length; at >= 0; at -= 1) {
    if (at < codes.length && !hasLetter(letters, codes[at] ?? 0)) foreign += 1
    const rest = codes.length - at
    const [missing, surplus] = [shortest - from - rest, rest - (longest - from)]
    const edits = (row[at] ?? 0) + (missing > 0 ? missing + foreign : Math.max(foreign, surplus, 0))
    if (edits < least) least = edits
  }
  return least
}

function branchOf(names: readonly Folded[], from: number): Branch {
  let [shortest, longest, firstArn] = [Number.POSITIVE_INFINITY, 0, names[0]?.arn ?? '']
  let [alphabet, others] = [0, 0]
  for (const { folded, arn } of names) {
    shortest = Math.min(shortest, folded.length)
    longest = Math.max(longest, folded.length)
    if (arn < firstArn) firstArn = arn
    for (let at = from; at < folded.length; at += 1) {
      const code = folded.charCodeAt(at)
      if (isOfAlphabet(code)) alphabet |= alphabetBit(code)
      else others |= otherBit(code)
    }
  }
  let parts: Parts | null = null
  const letters = { alphabet, others }
  return {
    ...{ from, names, shortest, longest, letters, firstArn },
    parts() {
      parts ??= partsOf(names, from)
      return parts
    },
  }
}

function partsOf(names: readonly Folded[], from: number): Parts {
  const [first, ...rest] = names
  let to = first?.folded.length ?? from
  for (const { folded } of rest) to = sharedLength(first?.folded ?? '', folded, from, to)
  const ends = names.filter(({ folded }) => folded.length === to)
  const byLetter = new Map<number, Folded[]>()
  for (const one of names) {
    if (one.folded.length === to) continue
    const code = one.folded.charCodeAt(to)
    const present = byLetter.get(code)
    if (present === undefined) byLetter.set(code, [one])
    else present.push(one)
  }
  const branches = [...byLetter.values()].map(some => branchOf(some, to))
  return {
    shared: first?.folded.slice(from, to) ?? '',
    ends,
    branches: branches.sort((a, b) => (a.firstArn < b.firstArn ? 1 : -1)),
  }
}

function sharedLength(a: string, b: string, from: number, most: number): number {
  let at = from
  while (at < most && at < b.length && a.charCodeAt(at) === b.charCodeAt(at)) at += 1
  return at
}

const CODE_OF_A = 97
const isOfAlphabet = (code: number): boolean => code >= CODE_OF_A && code < CODE_OF_A + 26
const alphabetBit = (code: number): number => 1 << (code - CODE_OF_A)
/** Maps each digit to its own bit. */
const otherBit = (code: number): number => 1 << (code % 32)

function hasLetter({ alphabet, others }: Letters, code: number): boolean {
  return (isOfAlphabet(code) ? alphabet & alphabetBit(code) : others & otherBit(code)) !== 0
}
