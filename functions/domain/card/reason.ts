/** Why it was denied, what decided it, and what a person can do if the bot cannot act. */

import { code, joined, never, own, type RichText, richText, strong } from '../../../core/base/index.ts'
import type { Diagnosis, Evidence } from '../../../core/diagnosis/index.ts'
import { type Proposal, refusalOf } from '../proposal/index.ts'

export type Advice = { readonly text: RichText; readonly command: string | null }

const SHOWN_UNKNOWNS = 3
const SHOWN_STEPS = 4

export function why({ diagnosis }: Proposal): readonly RichText[] {
  const deciding = diagnosis.evidence.find(
    evidence => evidence.policyType !== 'aws' && !repeatsSummary(evidence, diagnosis.summary),
  )
  return [
    richText`${strong('Why:')} ${diagnosis.summary}`,
    ...(deciding === undefined ? [] : [richText`${strong('Decided by:')} ${statement(deciding)}`]),
    ...sureness(diagnosis),
  ]
}

/** True when the finding repeats the summary: that no statement exists. */
function repeatsSummary({ policy, statement: index, finding }: Evidence, summary: string): boolean {
  if (policy !== null || index !== null) return false
  return summary.toLowerCase().includes(finding.toLowerCase().replace(/\.$/, ''))
}

export function statement({ policyType, policy, attachedTo, statement: index, sid, finding }: Evidence): RichText {
  if (policyType === 'aws') return richText`${finding}`
  const name = policy === null ? [] : richText` ${code(policy)}`
  const place = attachedTo === null || attachedTo === policy ? [] : richText` on ${code(attachedTo)}`
  const number = index === null ? [] : richText`, statement ${index + 1}${sid === null ? [] : richText` (${sid})`}`
  return richText`${own(SOURCES[policyType])}${name}${place}${number}: ${finding}`
}

const SOURCES: { readonly [type in Exclude<Evidence['policyType'], 'aws'>]: string } = {
  identity: 'identity policy',
  trust: 'trust policy',
  boundary: 'permissions boundary',
  session: 'session policy',
  scp: 'service control policy',
  rcp: 'resource control policy',
  vpce: 'VPC endpoint policy',
}

function sureness({ verdict, unknowns, evidence }: Diagnosis): readonly RichText[] {
  switch (verdict) {
    case 'proved':
    case 'not-ours':
      return []
    case 'likely': {
      // AWS's reason may contradict the policies that were read, and that alone makes a cause `likely`.
      const fromAws = evidence
        .filter(({ policyType }) => policyType === 'aws')
        .map(({ finding }) => richText` ${finding}.`)
      return [richText`${strong('Likely, not certain.')}${fromAws.flat()} Could not be seen: ${unseen(unknowns)}.`]
    }
    case 'not-enough-evidence':
      return unknowns.length === 0 ? [] : [richText`${strong('Missing:')} ${unseen(unknowns)}.`]
    default:
      return never(verdict)
  }
}

function unseen(unknowns: Diagnosis['unknowns']): RichText {
  if (unknowns.length === 0) return richText`one decisive fact`
  const named = unknowns.slice(0, SHOWN_UNKNOWNS).map(({ fact, why: because }) => richText`${fact} (${because})`)
  const rest = unknowns.length > SHOWN_UNKNOWNS ? richText`; and ${unknowns.length - SHOWN_UNKNOWNS} more` : []
  return richText`${joined(named, '; ')}${rest}`
}

/** Refusals whose message uses the terms of verdicts. */
const UNCERTAIN: ReadonlySet<string> = new Set(['not-proved'])

/** Owner and next step. A card without Approve always says at least whom to ask. */
export function cardAdvice(proposal: Proposal): readonly Advice[] {
  const { diagnosis } = proposal
  const refusal = refusalOf(proposal)
  const steps = diagnosis.nextSteps.slice(0, SHOWN_STEPS).map(
    ({ text, command, owner }): Advice => ({
      text: richText`${text}${owner === null || text.includes(owner) ? [] : richText` (owner: ${owner})`}`,
      command,
    }),
  )
  if (refusal === null) return steps
  const refused =
    refusal.message === diagnosis.summary
      ? []
      : [
          {
            text: richText`${strong('No change offered:')} ${UNCERTAIN.has(refusal.code) ? 'the cause is not certain.' : refusal.message}`,
            command: null,
          },
        ]
  const ownerSaid = refusal.owner === null || diagnosis.nextSteps.some(step => step.owner === refusal.owner)
  const owner = ownerSaid ? [] : [{ text: richText`${strong('Ask:')} ${refusal.owner ?? ''}`, command: null }]
  const list = [...refused, ...steps, ...owner]
  return list.length > 0
    ? list
    : [{ text: richText`Open Details for what was seen, and ask the owner of the role.`, command: null }]
}
