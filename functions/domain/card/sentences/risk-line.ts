/** The risk of a change, what it opens, and how it ends, for a person who is about to press a button. */
import { HOUR_MS, own, type RichText, richText, strong, time } from '../../../../core/base/index.ts'
import { type GuardrailFinding, HARM_CLASSES, inBrief, type Verification } from '../../../../core/patch/index.ts'
import type { Config } from '../../config/index.ts'
import { approvalsOf, endOf, notOver, type Proposal } from '../../proposal/index.ts'
import { howItIsDone, MANAGED_BY_CODE } from '../checks.ts'

const NAMES: { readonly [risk in Verification['risk']]: string } = {
  low: 'Low risk',
  elevated: 'Elevated risk',
  high: 'High risk',
}
export const riskName = (risk: Verification['risk']): string => NAMES[risk]

/** Warnings about privileges come first, those about unread policies after them. */
const LIKELY = 'likely-verdict'
const UNSEEN = 'unseen-layers'
const LATER: readonly string[] = [MANAGED_BY_CODE, UNSEEN, LIKELY]
const BECOMES: readonly string[] = ['administrator-equivalent', ...HARM_CLASSES]

export const riskLine = (verification: Verification): RichText =>
  richText`${strong(`${NAMES[verification.risk]}.`)} ${gainOf(verification)}${readOn(verification)}`

/** For a place without a line of its own for the risk. `where`: of the account. */
export const riskInBrief = (verification: Verification, where: RichText | string): RichText =>
  richText`${strong(NAMES[verification.risk])} in ${where}. ${gainInBrief(verification).brief}`

/** What else becomes possible: the strongest warning, or that there is none. */
const gainOf = (verification: Verification): RichText =>
  richText`${warnings(verification.guardrails)[0]?.detail ?? withoutWarning(verification)}`

/** The first clause of it. `more`: what that leaves out, each after a space. */
export function gainInBrief(verification: Verification): { readonly brief: RichText; readonly more: RichText } {
  const [first] = warnings(verification.guardrails)
  const brief = first === undefined ? gainOf(verification) : richText`${inBrief(first) ?? ''}`
  const isWhole = first === undefined || inBrief(first) === first.detail
  return { brief, more: isWhole ? readOn(verification) : richText` ${gainOf(verification)}${readOn(verification)}` }
}

/** Where to read on about it, and the number of other warnings, each after a space. Empty: there is nothing more. */
function readOn({ guardrails }: Verification): RichText {
  const [first, ...more] = warnings(guardrails)
  const rest = more.length === 0 ? [] : richText` ${own(`${more.length} more in Details.`)}`
  return [...howItIsDone(first?.link), ...rest]
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

/** What it could become comes before the ways that lead there. */
const warnings = (findings: readonly GuardrailFinding[]): readonly GuardrailFinding[] =>
  findings
    .filter(({ id, outcome, detail }) => outcome === 'warn' && detail !== null && !LATER.includes(id))
    .toSorted((a, b) => Number(BECOMES.includes(b.id)) - Number(BECOMES.includes(a.id)))

export const hasWarning = ({ guardrails, proof }: Verification): boolean =>
  warnings(guardrails).length > 0 || proof?.outcome === 'others-too'

/** What could not be read, and what to do if that denies the request. Null: everything was read. */
export function unseenLine({ guardrails }: Verification): RichText | null {
  const found = guardrails.find(({ id, outcome }) => id === UNSEEN && outcome === 'warn')
  return found?.detail == null ? null : richText`${found.detail}`
}

type Hours = Pick<Config, 'limitedGrantHours' | 'bridgeHours'>

/** Describes the first button, if it approves: a sentence about time concerns exactly that press. */
export function undoLine(proposal: Proposal, hours: Hours, nowMs: number, primary: string | null): RichText {
  const end = endOf(notOver(approvalsOf(proposal), nowMs))
  const asked =
    primary === 'approve-limited' ? hours.limitedGrantHours : primary === 'approve-with-pull' ? hours.bridgeHours : null
  const pressedNow = asked === null ? null : nowMs + asked * HOUR_MS
  if (end !== null && (pressedNow === null || end <= pressedNow))
    return richText`Ends by itself ${time(end)}; can be reverted with one click before.`
  if (primary === 'approve') return richText`Stays until somebody reverts it, with one click.`
  if (asked === null || pressedNow === null) return richText`Can be reverted with one click.`
  const span = own(`${asked} h`)
  return primary === 'approve-with-pull'
    ? richText`Can be reverted with one click. For ${span} at most, it ends by itself ${time(pressedNow)}, later if approved later, sooner once the code has it.`
    : richText`Can be reverted with one click. For ${span}, it ends by itself ${time(pressedNow)}, later if approved later.`
}
