/** The output of `--once`: the denial and the result of each step, each under a heading. */

import { asPlainText, neutralText, withoutTerminalSequences } from '../../core/base/index.ts'
import type { Denial } from '../../core/denial/index.ts'
import { proofLine } from '../../functions/domain/card/index.ts'
import { type Proposal, refusalOf } from '../../functions/domain/proposal/index.ts'
import type { Io } from '../io.ts'

export type PrintSection = (heading: string, lines: readonly string[]) => void

export function sectionPrinter(io: Io): PrintSection {
  return (heading, lines) => {
    const title = io.colour ? `\u001b[1m${heading}\u001b[0m` : heading
    const body = lines.flatMap(line => line.split('\n')).map(line => `  ${withoutControls(line)}`)
    io.out(`${title}\n${body.join('\n')}\n\n`)
  }
}

/** Removes control characters. Keeps spaces, because they are indentation. */
const withoutControls = (line: string): string => withoutTerminalSequences(line).replace(/[\p{Cc}\p{Cf}]/gu, '')

/** `originalTime`: the time of a record that is processed as if it had just happened. Null: it is recent. */
export const denialLines = (denial: Denial, originalTime: string | null): readonly string[] => [
  ...summaryLines(denial).map(line => neutralText(line)),
  ...(originalTime === null ? [] : [`The record is from ${originalTime}; it is processed as if it had just happened.`]),
]

const summaryLines = (denial: Denial): readonly string[] => [
  denial.principal.arn ?? denial.principal.name ?? denial.principal.kind,
  `was denied ${denial.action} on ${denial.resource ?? 'an unnamed role'}`,
  `by ${denial.call.eventSource ?? 'an unnamed service'} ${denial.call.eventName ?? ''} in account ${denial.accountId ?? 'unknown'}, ${denial.region ?? 'Region unknown'}`,
  `AWS says: ${denial.message}`,
]

export function printDiagnosis({ diagnosis }: Proposal, print: PrintSection): void {
  print('Diagnosis', [
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

export function printPatch(proposal: Proposal, print: PrintSection): void {
  const { patch, verification } = proposal
  const refusal = refusalOf(proposal)
  const changes = proposal.patch === null ? [] : [...proposal.patch.changes, ...proposal.followUps]
  print(
    'Patch',
    changes.length === 0
      ? [
          `none: ${refusal?.message ?? 'there is nothing to change'}`,
          ...(refusal?.owner ? [`Ask: ${refusal.owner}`] : []),
        ]
      : [
          ...(patch === null
            ? []
            : [`patch digest ${patch.digest} (what is approved, and what the audit log records)`]),
          ...changes.flatMap(({ target, after, required }) => [
            `${target.kind} ${target.name}${target.policyName === null ? '' : `/${target.policyName}`}${required ? '' : ' (needed next, not part of this approval)'}`,
            JSON.stringify(after, null, 2),
          ]),
        ],
  )
  if (verification === null) return
  const { before, after, risk, guardrails } = verification
  print('Checks', [
    `the request: ${before} before, ${after} after; ${asPlainText(proofLine(verification).text)}`,
    ...(patch === null ? [] : [`risk ${risk}`]),
    ...guardrails.map(
      ({ id, outcome, detail, link }) =>
        `${outcome.padEnd(6)} ${id}${detail === null ? '' : `: ${detail}`}${link === undefined ? '' : ` ${link}`}`,
    ),
  ])
}
