/** What `--once` prints of a denial and of what was made of it, each under a heading. */

import { neutralText, withoutTerminalSequences } from '../../functions/domain/base/neutral-text.ts'
import type { Denial } from '../../functions/domain/denial/denial.ts'
import type { Proposal } from '../../functions/domain/proposal/proposal.ts'
import type { Io } from '../io.ts'

export type Say = (heading: string, lines: readonly string[]) => void

export function sayer(io: Io): Say {
  return (heading, lines) => {
    const title = io.colour ? `\u001b[1m${heading}\u001b[0m` : heading
    const body = lines.flatMap(line => line.split('\n')).map(line => `  ${harmless(line)}`)
    io.out(`${title}\n${body.join('\n')}\n\n`)
  }
}

/** Names and sentences come from outside. Blanks stay, as they are indentation. */
const harmless = (line: string): string => withoutTerminalSequences(line).replace(/[\p{Cc}\p{Cf}]/gu, '')

/** `originalTime`: when the record is of, which is fed as if it had just happened; null where that is so. */
export const denialLines = (denial: Denial, originalTime: string | null): readonly string[] => [
  ...toldOf(denial).map(line => neutralText(line)),
  ...(originalTime === null ? [] : [`The record is of ${originalTime}; here it is taken as if it had just happened.`]),
]

const toldOf = (denial: Denial): readonly string[] => [
  denial.principal.arn ?? denial.principal.name ?? denial.principal.kind,
  `was denied ${denial.action} on ${denial.resource ?? 'a role that the event does not name'}`,
  `by ${denial.call.eventSource ?? 'an unnamed service'} ${denial.call.eventName ?? ''} in account ${denial.accountId ?? 'unknown'}, ${denial.region ?? 'Region unknown'}`,
  `AWS says: ${denial.message}`,
]

export function sayDiagnosis({ diagnosis }: Proposal, say: Say): void {
  say('Diagnosis', [
    `${diagnosis.cause} (${diagnosis.verdict})`,
    diagnosis.summary,
    ...diagnosis.evidence.map(({ policyType, policy, statement, sid, finding }) => {
      const where = [
        policyType === 'aws' ? null : policyType,
        policy,
        statement === null ? null : `statement ${statement + 1}`,
        sid,
      ]
        .filter(Boolean)
        .join(', ')
      return where === '' ? `- ${finding}` : `- ${where}: ${finding}`
    }),
    ...diagnosis.unknowns.map(({ fact, why }) => `? ${fact}: ${why}`),
    ...diagnosis.nextSteps.map(({ text, command }) => `> ${text}${command === null ? '' : `: ${command}`}`),
  ])
}

export function sayPatch({ patch, followUps, verification, refusal }: Proposal, say: Say): void {
  const changes = [...(patch?.changes ?? []), ...followUps]
  say(
    'Patch',
    changes.length === 0
      ? [
          `none: ${refusal?.message ?? 'there is nothing to change'}`,
          ...(refusal?.owner ? [`Ask: ${refusal.owner}`] : []),
        ]
      : [
          ...(patch === null
            ? []
            : [`patch digest ${patch.digest} (what is approved, and what the audit trail names)`]),
          ...changes.flatMap(({ target, after, required }) => [
            `${target.kind} ${target.name}${target.policyName === null ? '' : `/${target.policyName}`}${required ? '' : ' (needed next, not part of this approval)'}`,
            JSON.stringify(after, null, 2),
          ]),
        ],
  )
  if (verification === null) return
  const { before, after, controls, risk, guardrails } = verification
  say('Checks', [
    `the request: ${before} before, ${after} after; ${controls.changed} of ${controls.evaluated} control requests change`,
    ...(patch === null ? [] : [`risk ${risk}`]),
    ...guardrails.map(({ id, outcome, detail }) => `${outcome.padEnd(6)} ${id}${detail === null ? '' : `: ${detail}`}`),
  ])
}
