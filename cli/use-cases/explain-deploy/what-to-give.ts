/** What a person gives next, where the input says that a deploy failed and not why. */
import { type Hint, type HintStep, hintStep } from '../../../core/denial/index.ts'
import { explanationOf, reasonsFileOf } from '../../../functions/domain/deploy/index.ts'
import type { RunReport } from './run-report.ts'

/** `line` null: of no text. */
export type DeployHint = Pick<Hint, 'subject' | 'meaning' | 'next'> & { readonly line: number | null }

export function whatToGive({ deploy = null }: Pick<RunReport, 'deploy'>): DeployHint {
  return {
    ...{ subject: 'other', line: null },
    meaning: `The ${deploy === null ? 'input' : 'event'} says that it failed, and not why.`,
    next: stepsOf(deploy),
  }
}

function stepsOf(deploy: RunReport['deploy']): readonly HintStep[] {
  if (deploy == null) return [hintStep('Give the log of what failed with --log FILE.')]
  const live = explanationOf(deploy)
  const file = reasonsFileOf(deploy)
  return [
    ...(live === null ? [] : [hintStep('Read why from AWS:', live)]),
    file === null
      ? hintStep(`${live === null ? 'Give' : 'Or give'} the log of what failed with --log FILE.`)
      : hintStep(
          `${live === null ? 'Give' : 'Or give'} what AWS says of it with ${file.option} ${file.file}:`,
          file.command,
        ),
  ]
}
