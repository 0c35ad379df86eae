/** What was verified about the change, worst news first. */

import { link, own, plural, type RichText, richText } from '../base/rich-text.ts'
import type { Verification } from '../patch/verification/verification.ts'

export type Check = { readonly outcome: 'pass' | 'warn' | 'refuse'; readonly text: RichText }

const ORDER = { refuse: 0, warn: 1, pass: 2 }

/** At the top of the card, not among the checks: the owner of the entity's code must see it first. */
const MANAGED = 'managed-by-code'

export function managedElsewhere(verification: Verification | null): readonly RichText[] {
  return (verification?.guardrails ?? [])
    .filter(finding => finding.outcome === 'warn' && finding.id === MANAGED)
    .map(finding => richText`${finding.detail ?? 'The entity is managed as code.'}`)
}

export function checks(verification: Verification): readonly Check[] {
  const findings = verification.guardrails.filter(
    finding => finding.outcome === 'refuse' || (finding.outcome === 'warn' && finding.id !== MANAGED),
  )
  const passed = verification.guardrails.filter(finding => finding.outcome === 'pass').length
  const list: Check[] = [
    ...findings.map(
      ({ id, outcome, detail, link: page }): Check => ({
        outcome,
        text: richText`${id}${detail === null ? [] : richText`: ${detail}`}${page === undefined ? [] : richText` ${link('How it is done', page)}`}`,
      }),
    ),
    answers(verification),
    controls(verification),
    ...(passed > 0 ? [{ outcome: 'pass', text: [own(`${plural(passed, 'guardrail')} passed`)] } as const] : []),
  ]
  return list.toSorted((a, b) => ORDER[a.outcome] - ORDER[b.outcome])
}

function answers({ before, after }: Verification): Check {
  return {
    outcome: before === 'denied' && after === 'allowed' ? 'pass' : 'warn',
    text: [own(`this request: ${before} now, ${after} with the change`)],
  }
}

function controls({ controls: { evaluated, changed }, counterexample }: Verification): Check {
  if (changed === 0)
    return {
      outcome: evaluated === 0 ? 'warn' : 'pass',
      text: [own(`${plural(evaluated, 'other request')} checked, none changes`)],
    }
  const example =
    counterexample === null ? [] : richText`, such as ${counterexample.action} on ${counterexample.resource}`
  return { outcome: 'refuse', text: richText`${[own(plural(changed, 'other request'))]} would change too${example}` }
}
