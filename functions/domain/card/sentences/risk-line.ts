/** The risk of a change, what it opens, and how it ends, for a person who is about to press a button. */
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

/** Warnings about privileges come first, those about unread policies after them. */
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
  // Changes from before there were proofs were verified only by samples.
  if (risk === 'low')
    return proof === undefined ? 'No similar call becomes possible.' : 'Nothing else becomes possible.'
  return guardrails.some(({ id, outcome }) => id === LIKELY && outcome === 'warn')
    ? 'The cause is not certain.'
    : 'Details say what it opens.'
}

const warnings = (findings: readonly GuardrailFinding[]): readonly GuardrailFinding[] =>
  findings.filter(({ id, outcome, detail }) => outcome === 'warn' && detail !== null && !LATER.includes(id))

/** What could not be read, and what to do if that denies the request. Null: everything was read. */
export function unseenLine({ guardrails }: Verification): RichText | null {
  const found = guardrails.find(({ id, outcome }) => id === UNSEEN && outcome === 'warn')
  return found?.detail == null ? null : richText`${found.detail}`
}

/** Describes the first button, if it approves: a sentence about time concerns exactly that press. */
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
  if (primary === 'approve') return richText`Stays until somebody reverts it, with one click.`
  if (hours === null || pressedNow === null) return richText`Can be reverted with one click.`
  const span = own(`${hours} h`)
  return primary === 'approve-with-pull'
    ? richText`Can be reverted with one click. For ${span} at most, it ends by itself at ${time(pressedNow)}, later if approved later, sooner once the code has it.`
    : richText`Can be reverted with one click. For ${span}, it ends by itself at ${time(pressedNow)}, later if approved later.`
}
