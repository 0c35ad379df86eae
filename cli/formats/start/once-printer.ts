import { ansiStyles } from '../../ansi.ts'
import { type Io, oneLine } from '../../io.ts'
import type { OnceEnd, OnceSteps } from '../../use-cases/start/once-step.ts'
import { onceSections, sectionText } from './once-text.ts'

/** Prints each step as it comes. `state`: the folder that keeps the log. Null: the run keeps nothing. */
export async function printOnce(steps: OnceSteps, io: Io, state: string | null = null): Promise<OnceEnd> {
  const { bold } = ansiStyles(io.colour)
  for (;;) {
    const next = await steps.next()
    if (next.done === true) return next.value
    const step = next.value
    if (step.kind === 'warning') io.err(oneLine(step.text))
    else for (const section of onceSections(step, state)) io.out(sectionText(section, bold))
  }
}
