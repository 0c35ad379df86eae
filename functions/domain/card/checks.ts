/** What was verified about the change, worst findings first. */

import { link, linkableUrl, never, own, plural, type RichText, richText } from '../../../core/base/index.ts'
import { type GuardrailFinding, inBrief, type Verification } from '../../../core/patch/index.ts'

export type CardCheck = { readonly outcome: 'pass' | 'warn' | 'refuse'; readonly text: RichText }

const ORDER = { refuse: 0, warn: 1, pass: 2 }

/** At the top of the card, not among the checks, because the owner of the code must see it first. */
export const MANAGED_BY_CODE = 'managed-by-code'

const ofCode = (verification: Verification | null): readonly GuardrailFinding[] =>
  (verification?.guardrails ?? []).filter(({ id, outcome }) => outcome === 'warn' && id === MANAGED_BY_CODE)

export const managedElsewhere = (verification: Verification | null): readonly RichText[] =>
  ofCode(verification).map(({ detail }) => richText`${detail ?? MANAGED}`)

/** The first clause of it, which names the code. */
export const managedInBrief = (verification: Verification | null): readonly RichText[] =>
  ofCode(verification).map(finding => richText`${inBrief(finding) ?? MANAGED}`)

const MANAGED = 'The entity is managed as code.'

/** Sites of the catalogue of known paths. Stored links may have been changed, so no other site may be opened. */
const CATALOGUE = ['pathfinding.cloud', 'cloud.hacktricks.wiki', 'docs.aws.amazon.com', 'hackingthe.cloud']

/** Empty: there is no such page. */
export const howItIsDone = (page: string | undefined): RichText =>
  page !== undefined && linkableUrl(page, CATALOGUE) !== null ? richText` ${link('How it is done', page)}.` : []

export function checks(verification: Verification): readonly CardCheck[] {
  const findings = verification.guardrails.filter(
    finding => finding.outcome === 'refuse' || (finding.outcome === 'warn' && finding.id !== MANAGED_BY_CODE),
  )
  const passed = verification.guardrails.filter(finding => finding.outcome === 'pass').length
  const list: CardCheck[] = [
    ...findings.map(
      ({ outcome, detail, link: page }): CardCheck => ({
        outcome,
        text: richText`${detail ?? 'a check that gives no reason'}${howItIsDone(page)}`,
      }),
    ),
    answers(verification),
    proofLine(verification),
    ...(passed > 0 ? [{ outcome: 'pass', text: [own(`${plural(passed, 'more check')} passed`)] } as const] : []),
  ]
  return list.toSorted((a, b) => ORDER[a.outcome] - ORDER[b.outcome])
}

function answers({ before, after }: Verification): CardCheck {
  return {
    outcome: before === 'denied' && after === 'allowed' ? 'pass' : 'warn',
    text: [own(`this request: ${before} now, ${after} with the change`)],
  }
}

/** What else the change opens. Earlier versions verified only samples. */
export function proofLine({ proof, controls: { evaluated, changed }, counterexample }: Verification): CardCheck {
  const example =
    counterexample === null ? [] : richText`, such as ${counterexample.action} on ${counterexample.resource}`
  if (proof === undefined)
    return changed === 0
      ? {
          outcome: evaluated === 0 ? 'warn' : 'pass',
          text: [own(`${plural(evaluated, 'similar request')} checked, none changes`)],
        }
      : {
          outcome: 'refuse',
          text: richText`${[own(plural(changed, 'similar request'))]} would change too${example}`,
        }
  switch (proof.outcome) {
    case 'nothing-else':
      return { outcome: 'pass', text: [own('proved: opens nothing else')] }
    case 'others-too':
      return { outcome: 'warn', text: richText`proved: opens this alone, and for others too. ${proof.detail ?? ''}` }
    case 'more':
      return { outcome: 'refuse', text: richText`not proved to open nothing else: ${proof.detail ?? ''}${example}` }
    default:
      return never(proof.outcome)
  }
}
