/** What a person gives next, where the input says that a deploy failed and not why. */
import { type Hint, type HintStep, hintStep } from '../../../core/denial/index.ts'
import { explanationOf, reasonsFileOf } from '../../../functions/domain/deploy/index.ts'
import { NAMES_ONLY, STACK_FAILED } from './log-failure.ts'
import type { RunReport } from './run-report.ts'

/** `line` null: of no text. */
export type DeployHint = Pick<Hint, 'subject' | 'meaning' | 'next'> & { readonly line: number | null }

export function whatToGive(run: RunReport): DeployHint {
  const { deploy = null } = run
  return {
    ...{ subject: 'other', line: null },
    meaning: `The ${deploy === null ? 'input' : 'event'} says that it failed, and not why.`,
    next: eventSteps(run) ?? stepsOf(deploy),
  }
}

/** Without an account, no command can name it. */
const NESTED =
  /\bEmbedded stack (?:(arn:aws[a-z-]{0,20}:cloudformation:([a-z0-9-]{5,30}):\d{12}:stack\/[A-Za-z0-9-]{1,128}\/[A-Za-z0-9-]{1,64})\s)?/

/** Null: the words do not only name what failed in a stack. */
function eventSteps({ otherReason, deploy = null, isStack, name, region }: RunReport): readonly HintStep[] | null {
  if (otherReason === null) return null
  const ended = STACK_FAILED.exec(otherReason)
  if (ended === null && !NAMES_ONLY.test(otherReason)) return null
  const nested = NESTED.exec(otherReason)
  if (nested !== null)
    return [
      hintStep(
        'Give the events of the nested stack, which AWS keeps by its ARN after a rollback, with --stack-events stack-events.json:',
        nested[1] === undefined ? null : describeEvents(nested[1], nested[2] ?? null),
      ),
    ]
  if (deploy !== null) return null
  const ofRun = isStack && name !== null && /^[A-Za-z][A-Za-z0-9-]{0,127}$/.test(name) ? name : 'STACK'
  const stack = ended?.groups?.['cdk'] ?? ended?.groups?.['sam'] ?? ofRun
  return [
    hintStep('Give all events of the stack with --stack-events stack-events.json:', describeEvents(stack, region)),
  ]
}

const describeEvents = (stack: string, region: string | null): string =>
  `aws cloudformation describe-stack-events --stack-name ${stack}${region === null ? '' : ` --region ${region}`} > stack-events.json`

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
