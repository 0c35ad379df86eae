/** The risk of a change and what it opens, and how it ends: said before anybody presses. */
import { HOUR_MS, own, type RichText, richText, strong, time } from '../../../../core/base/index.ts'
import type { GuardrailFinding, Verification } from '../../../../core/patch/index.ts'
import type { Config } from '../../config/index.ts'
import { approvalsOf, endOf, notOver, type Proposal } from '../../proposal/index.ts'
import type { CardAction } from '../buttons.ts'
import { howItIsDone, MANAGED_BY_CODE } from '../checks.ts'

const NAMES: { readonly [risk in Verification['risk']]: string } = {
  low: 'Low risk.',
  elevated: 'Elevated risk.',
  high: 'High risk.',
}

/** What the warnings say first about who gains what; what could not be read comes after. */
const LIKELY = 'likely-verdict'
const UNSEEN = 'unseen-layers'
const LATER: readonly string[] = [MANAGED_BY_CODE, UNSEEN, LIKELY]

export function riskLine(verification: Verification): RichText {
  const { risk, guardrails } = verification
  const [first, ...more] = warnings(guardrails)
  const gain = first?.detail ?? withoutWarning(verification)
  const rest = more.length === 0 ? [] : richText` ${own(`${more.length} more in Details.`)}`
  return richText`${strong(NAMES[risk])} ${gain}${howItIsDone(first?.link)}${rest}`
}

function withoutWarning({ risk, guardrails, proof }: Verification): string {
  if (proof?.outcome === 'others-too' && proof.detail !== null) return proof.detail
  // What was stored before there was a proof had only samples.
  if (risk === 'low')
    return proof === undefined ? 'No similar call becomes possible.' : 'Nothing else becomes possible.'
  return guardrails.some(({ id, outcome }) => id === LIKELY && outcome === 'warn')
    ? 'The cause is not certain.'
    : 'Details say what it opens.'
}

const warnings = (findings: readonly GuardrailFinding[]): readonly GuardrailFinding[] =>
  findings.filter(({ id, outcome, detail }) => outcome === 'warn' && detail !== null && !LATER.includes(id))

/** What could not be read, and what to do if that is what denies it; null: all was. */
export function unseenLine({ guardrails }: Verification): RichText | null {
  const found = guardrails.find(({ id, outcome }) => id === UNSEEN && outcome === 'warn')
  return found?.detail == null ? null : richText`${found.detail}`
}

/** Of the button that stands first, if it is one that approves. A sentence about time is about what that one press does. */
export function undoLine(
  proposal: Proposal,
  { limitedGrantHours, bridgeHours }: Pick<Config, 'limitedGrantHours' | 'bridgeHours'>,
  nowMs: number,
  primary: CardAction | null,
): RichText {
  const end = endOf(notOver(approvalsOf(proposal), nowMs))
  const hours = primary === 'approve-limited' ? limitedGrantHours : primary === 'approve-with-pull' ? bridgeHours : null
  const pressedNow = hours === null ? null : nowMs + hours * HOUR_MS
  if (end !== null && (pressedNow === null || end <= pressedNow))
    return richText`Ends by itself at ${time(end)}; can be reverted with one click before.`
  if (hours === null || pressedNow === null) return richText`Can be reverted with one click.`
  const span = own(`${hours} h`)
  return primary === 'approve-with-pull'
    ? richText`Can be reverted with one click. For ${span} at most, it ends by itself at ${time(pressedNow)}, later if approved later, sooner once the code has it.`
    : richText`Can be reverted with one click. For ${span}, it ends by itself at ${time(pressedNow)}, later if approved later.`
}
