/** Why it was denied, what decided it, and what a person can do where the bot cannot. */

import { never } from '../base/result.ts'
import { code, joined, own, strong, type Words, words } from '../base/rich-text.ts'
import type { Diagnosis, Evidence } from '../diagnosis/diagnosis.ts'
import type { Proposal } from '../proposal/proposal.ts'

export type Advice = { readonly text: Words; readonly command: string | null }

const SHOWN_UNKNOWNS = 3
const SHOWN_STEPS = 4

export function why({ diagnosis }: Proposal): readonly Words[] {
  const deciding = diagnosis.evidence.find(
    evidence => evidence.policyType !== 'aws' && !saysNoMore(evidence, diagnosis.summary),
  )
  return [
    words`${strong(diagnosis.verdict === 'proved' ? 'Why (proved):' : 'Why:')} ${diagnosis.summary}`,
    ...(deciding === undefined ? [] : [words`${strong('Decided by:')} ${statement(deciding)}`]),
    ...sureness(diagnosis),
  ]
}

/** The lack of any statement is the summary itself. */
function saysNoMore({ policy, statement: index, finding }: Evidence, summary: string): boolean {
  if (policy !== null || index !== null) return false
  return summary.toLowerCase().includes(finding.toLowerCase().replace(/\.$/, ''))
}

export function statement({ policyType, policy, attachedTo, statement: index, sid, finding }: Evidence): Words {
  if (policyType === 'aws') return words`${finding}`
  const name = policy === null ? [] : words` ${code(policy)}`
  const place = attachedTo === null || attachedTo === policy ? [] : words` on ${code(attachedTo)}`
  const number = index === null ? [] : words`, statement ${index + 1}${sid === null ? [] : words` (${sid})`}`
  return words`${own(SOURCES[policyType])}${name}${place}${number}: ${finding}`
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

function sureness({ verdict, unknowns, evidence }: Diagnosis): readonly Words[] {
  switch (verdict) {
    case 'proved':
    case 'not-ours':
      return []
    case 'likely': {
      // What AWS says may contradict what was read, and that alone makes a cause likely.
      const told = evidence.filter(({ policyType }) => policyType === 'aws').map(({ finding }) => words` ${finding}.`)
      return [words`${strong('Likely, not proved.')}${told.flat()} Could not be seen: ${unseen(unknowns)}.`]
    }
    case 'not-enough-evidence':
      return unknowns.length === 0 ? [] : [words`${strong('Missing:')} ${unseen(unknowns)}.`]
    default:
      return never(verdict)
  }
}

function unseen(unknowns: Diagnosis['unknowns']): Words {
  if (unknowns.length === 0) return words`one decisive fact`
  const named = unknowns.slice(0, SHOWN_UNKNOWNS).map(({ fact, why: because }) => words`${fact} (${because})`)
  const rest = unknowns.length > SHOWN_UNKNOWNS ? words`; and ${unknowns.length - SHOWN_UNKNOWNS} more` : []
  return words`${joined(named, '; ')}${rest}`
}

/** Owner and next step. A card without Approve always says at least whom to ask. */
export function advice({ diagnosis, refusal, patch }: Proposal): readonly Advice[] {
  const steps = diagnosis.nextSteps.slice(0, SHOWN_STEPS).map(
    ({ text, command, owner }): Advice => ({
      text: words`${text}${owner === null || text.includes(owner) ? [] : words` (owner: ${owner})`}`,
      command,
    }),
  )
  if (patch !== null || refusal === null) return steps
  const told =
    refusal.message === diagnosis.summary
      ? []
      : [{ text: words`${strong('No change offered:')} ${refusal.message}`, command: null }]
  const ownerSaid = refusal.owner === null || diagnosis.nextSteps.some(step => step.owner === refusal.owner)
  const owner = ownerSaid ? [] : [{ text: words`${strong('Ask:')} ${refusal.owner ?? ''}`, command: null }]
  const list = [...told, ...steps, ...owner]
  return list.length > 0
    ? list
    : [{ text: words`Open Details for what was seen, and ask the owner of the role.`, command: null }]
}
