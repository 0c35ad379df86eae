/**
 * Names by their letters: a tree whose branches share a beginning, to find what is written almost like a wanted name without
 * comparing it with every name. A branch is skipped if no name in it can be close enough: the letters so far and the lengths
 * and letters below it say how many edits it takes at least. Branches are made when a search first comes to them.
 */
import { codesOf, editRow, firstRow, mostEdits } from '../base/index.ts'

export type Named = { readonly name: string; readonly arn: string }

type Folded = Named & { readonly folded: string }

type Branch = {
  /** Letters that all its names share with those beside it. */
  readonly from: number
  readonly names: readonly Folded[]
  readonly shortest: number
  readonly longest: number
  /** The letters after `from`, of all its names. */
  readonly letters: Letters
  readonly firstArn: string
  parts(): Parts
}

type Parts = {
  /** After `from`, what all names of the branch share. */
  readonly shared: string
  /** Names that end there. */
  readonly ends: readonly Folded[]
  /** By their next letter; the one with the first ARN last. */
  readonly branches: readonly Branch[]
}

/** One bit for a letter, in two halves. Rare letters share bits, which only makes a bound weaker. */
type Letters = { readonly alphabet: number; readonly others: number }

export type NameTree = {
  /** At most so many, closest first, equally close ones by their ARN. `onCompare`: with a name, or with what the names of a branch share. */
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
  /** Edits from the letters before the branch to each beginning of the wanted name. */
  readonly row: readonly number[]
  /** The one is the beginning of the other, as far as the letters go. */
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
  /** By how many edits it takes at least. */
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
    // The first ARN last: the sooner it is found, the more of the others are too far.
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

/** As `nameDistance` has it. */
const ONLY_CASE = 0.5

/** At least so many edits lead to any name of the branch. */
function leastEdits({ from, shortest, longest, letters }: Branch, row: readonly number[], codes: readonly number[]) {
  let least = Number.POSITIVE_INFINITY
  /** Letters of the rest of the wanted name that no name below has: each has to go. */
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
/** The digits have a bit each. */
const otherBit = (code: number): number => 1 << (code % 32)

function hasLetter({ alphabet, others }: Letters, code: number): boolean {
  return (isOfAlphabet(code) ? alphabet & alphabetBit(code) : others & otherBit(code)) !== 0
}
