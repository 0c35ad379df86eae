/** One change to a few files, without a sample repository. */
import { type CodeCase, hunksOf, runCase } from './code-case.ts'

type Given = Pick<CodeCase, 'kind' | 'hints'> & Omit<CodeCase['changes'][number], 'on'>

function outcomeOf(files: { readonly [path: string]: string }, on: string, given: Given) {
  const { kind, hints, ...change } = given
  return runCase({
    ...{ name: '', about: '', source: '', files: { ...files }, kind, hints },
    changes: [{ on, adds: change.after === undefined ? ['pass'] : undefined, ...change }],
  })
}

/** The address and the added lines, or the reason of the draft. */
export function editOf(files: { readonly [path: string]: string }, on: string, given: Given = {}): string {
  const outcome = outcomeOf(files, on, given)
  if (outcome.outcome !== 'exact') return outcome.reason
  const added = Object.values(hunksOf(outcome))
    .flatMap(hunks => hunks.split('\n'))
    .filter(line => line.startsWith('+'))
    .map(line => line.slice(1))
  return [outcome.edits[0]?.address ?? '', ...added].join('\n')
}

/** The whole edited file, or the reason of the draft. */
export function textAfter(files: { readonly [path: string]: string }, on: string, given: Given = {}): string {
  const outcome = outcomeOf(files, on, given)
  return outcome.outcome !== 'exact' ? outcome.reason : outcome.edits.map(({ after }) => after).join('\n')
}

/** The address, or the reason of the draft. */
export const addressOf = (...given: Parameters<typeof editOf>): string => editOf(...given).split('\n')[0] ?? ''
