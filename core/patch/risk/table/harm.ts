/** The table of permissions that hide or destroy, parsed once. */
import { page, parseNeed } from './catalog.ts'
import type { RequiredAction } from './escalation-path.ts'
import { HARMS } from './harms.ts'

export const HARM_CLASSES = ['blind', 'destroy'] as const
export type HarmClass = (typeof HARM_CLASSES)[number]

export type Harm = {
  readonly harmClass: HarmClass
  /** `any`: the permission counts on any single resource. `every`: only on all resources of its kind. */
  readonly on: 'any' | 'every'
  readonly need: RequiredAction
  /** The phrase after "may". `{it}` is the resource. */
  readonly does: string
  readonly source: string
}

let parsed: readonly Harm[] | undefined

/** Parsed on first use. An invalid line throws; tests parse every line. */
export function harms(): readonly Harm[] {
  parsed ??= HARM_CLASSES.flatMap(harmClass =>
    (['any', 'every'] as const).flatMap(on =>
      HARMS[harmClass][on]
        .split('\n')
        .map(line => line.trim())
        .filter(line => line !== '')
        .map(line => parseHarm(line, harmClass, on)),
    ),
  )
  return parsed
}

/** One line of the table. */
export function parseHarm(line: string, harmClass: HarmClass, on: Harm['on']): Harm {
  const [need = '', does = '', source = '', ...more] = line.split(' | ')
  if (source === '' || more.length > 0) throw new Error(`Not three columns: ${line}`)
  return { harmClass, on, need: parseNeed(need, line), does, source: page(source, need) }
}
