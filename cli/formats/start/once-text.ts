/** The steps of `start --once` for a terminal, each under a heading. */
import { join } from 'node:path'
import { asPlainText, neutralText, withoutTerminalSequences } from '../../../core/base/index.ts'
import type { Denial } from '../../../core/denial/index.ts'
import { deployNeeds, placeText, proofLine } from '../../../functions/domain/card/index.ts'
import { type DeployCause, deployName } from '../../../functions/domain/deploy/index.ts'
import { approvalsOf, type Proposal, refusalOf, whatHappened } from '../../../functions/domain/proposal/index.ts'
import { shellQuoted } from '../../shell-quoted.ts'
import type { ButtonName, ButtonPress, NeedNow, OnceStep, WhatNext } from '../../use-cases/start/once-step.ts'

export type Section = readonly [heading: string, lines: readonly string[]]

type Step<Kind extends OnceStep['kind']> = Extract<OnceStep, { readonly kind: Kind }>

const LABELS: { readonly [button in ButtonName]: string } = { approve: 'Approve', revert: 'Revert' }

/** `state`: the folder that keeps the log. Null: the run keeps nothing. */
export function onceSections(step: Exclude<OnceStep, Step<'warning'>>, state: string | null): readonly Section[] {
  switch (step.kind) {
    case 'denial':
      return [['Denial', denialLines(step)]]
    case 'deploy':
      return [['Deploy', deployLines(step)]]
    case 'no-denial':
      return [['Record', [neutralText(step.why)]]]
    case 'no-failure':
      return [['Deploy', [`Silent: ${step.why}`]]]
    case 'proposal':
      return [
        ['Diagnosis', diagnosisLines(step.proposal)],
        ['Patch', patchLines(step.proposal)],
        ...checks(step.proposal),
        ['Card', cardLines(step)],
      ]
    case 'thread':
      return [['In its thread', [step.alert ?? 'no alert was posted']]]
    case 'notices':
      return [['Alert', step.notices.flatMap(({ text }, index) => (index === 0 ? [text] : ['', text]))]]
    case 'pressed':
      return [
        [step.button === 'approve' ? 'Decision' : 'Revert', step.presses.flatMap(one => pressLines(one, step.button))],
      ]
    case 'result':
      return [[step.after === 'approve' ? 'Result' : 'Reverted', resultLines(step)]]
    case 'audit':
      return auditSections(step, state)
    case 'next':
      return [['Next', nextLines(step.next)]]
  }
}

/** Removes control characters. Keeps spaces, because they are indentation. */
export const sectionText = ([heading, lines]: Section, bold: (text: string) => string): string =>
  `${bold(heading)}\n${lines
    .flatMap(line => line.split('\n'))
    .map(line => `  ${withoutTerminalSequences(line).replace(/[\p{Cc}\p{Cf}]/gu, '')}`)
    .join('\n')}\n\n`

const denialLines = ({ denial, originalTime, others }: Step<'denial'>): readonly string[] => [
  ...summaryLines(denial).map(line => neutralText(line)),
  ...(originalTime === null ? [] : [`The record is from ${originalTime}; it is processed as if it had just happened.`]),
  ...(others === 0 ? [] : [`The file has ${others} more: --once processes the first, rolemedic start all of them.`]),
]

const summaryLines = (denial: Denial): readonly string[] => [
  denial.principal.arn ?? denial.principal.name ?? denial.principal.kind,
  `was denied ${denial.action} on ${denial.resource ?? 'an unnamed role'}`,
  `by ${denial.call.eventSource ?? 'an unnamed service'} ${denial.call.eventName ?? ''} in account ${denial.accountId ?? 'unknown'}, ${denial.region ?? 'Region unknown'}`,
  `AWS says: ${denial.message}`,
]

const CAUSES: { readonly [confidence in DeployCause['confidence']]: string } = {
  'caused by': 'Caused by a denial that the failure message contains.',
  probably: 'Probably caused by a denial of the deploying principal at that time.',
}

const deployLines = ({ deploy, originalTime, causes }: Step<'deploy'>): readonly string[] => [
  `${deployName(deploy)} in account ${deploy.accountId}, ${deploy.region}: ${deploy.status}`,
  `The event is from ${originalTime}; it is processed as if it had just happened.`,
  causes.length === 0
    ? 'Silent: no known denial explains it.'
    : causes.map(({ confidence }) => CAUSES[confidence]).join(' '),
]

const diagnosisLines = ({ diagnosis }: Proposal): readonly string[] => [
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
]

function patchLines(proposal: Proposal): readonly string[] {
  const { patch } = proposal
  const changes = patch === null ? [] : [...patch.changes, ...proposal.followUps]
  if (patch === null || changes.length === 0) {
    const refusal = refusalOf(proposal)
    return [
      `none: ${refusal?.message ?? 'there is nothing to change'}`,
      ...(refusal?.owner ? [`Ask: ${refusal.owner}`] : []),
    ]
  }
  return [
    `patch digest ${patch.digest} (what is approved, and what the audit log records)`,
    ...changes.flatMap(({ target, after, required }) => [
      `${target.kind} ${target.name}${target.policyName === null ? '' : `/${target.policyName}`}${required ? '' : ' (needed next, not part of this approval)'}`,
      JSON.stringify(after, null, 2),
    ]),
  ]
}

function checks({ patch, verification }: Proposal): readonly Section[] {
  if (verification === null) return []
  const { before, after, risk, guardrails } = verification
  const lines = [
    `the request: ${before} before, ${after} after; ${asPlainText(proofLine(verification).text)}`,
    ...(patch === null ? [] : [`risk ${risk}`]),
    ...guardrails.map(
      ({ id, outcome, detail, link }) =>
        `${outcome.padEnd(6)} ${id}${detail === null ? '' : `: ${detail}`}${link === undefined ? '' : ` ${link}`}`,
    ),
  ]
  return [['Checks', lines]]
}

const cardLines = ({ proposal, card }: Step<'proposal'>): readonly string[] => [
  card ?? 'none was posted',
  ...(proposal.deploy === null ? [] : [`Broke: ${proposal.deploy.title}`]),
  ...deployNeeds(proposal).map(asPlainText),
]

function pressLines({ user, found, happened, reply }: ButtonPress, button: ButtonName): readonly string[] {
  if (!found) return [`${user} finds no ${LABELS[button]} on the card${happened === null ? '' : `: ${happened}`}`]
  return [`${user} pressed ${LABELS[button]}`, ...(reply === null ? [] : [`and got the reply: ${reply}`])]
}

const resultLines = ({ proposal, answer, needs, changed }: Step<'result'>): readonly string[] => [
  ...(proposal === null ? [] : [whatHappened(proposal)]),
  ...(proposal?.status === 'open' && approvalsOf(proposal).length > 0
    ? ['One more person must approve: repeat --approve-as.']
    : []),
  `The denied request, evaluated again: ${answer} now`,
  ...(needs.length === 0 ? [] : [`Needs of the deploy, evaluated again (${needs.length}):`, ...needs.map(needLine)]),
  ...(changed.length === 0
    ? ['No policy differs from its original.']
    : changed.flatMap(({ where, lines }) => [where, ...lines])),
]

function needLine({ denial, place, answer }: NeedNow): string {
  const at = place === null ? '' : ` (${asPlainText(placeText(place))})`
  return `  ${answer}: ${denial.action} on ${denial.resource ?? ''}${at}`
}

function auditSections({ records, checkpoint }: Step<'audit'>, state: string | null): readonly Section[] {
  const lines = records.map(
    ({ sequence, entry, hash }) =>
      `${String(sequence).padStart(4)} ${entry.kind}${entry.by === null ? '' : ` by ${entry.by.name} (${entry.by.id})`}: ${entry.why.replaceAll('\n', '\n     ')} [${hash.slice(0, 19)}]`,
  )
  if (checkpoint === null) return [['Audit', lines]]
  const about =
    state === null
      ? 'Of a log that is kept, with --state DIR, this shows later whether it was cut off. This run keeps none.'
      : `Kept elsewhere, this shows later whether the log was cut off: npx rolemedic audit verify --from ${shellQuoted(join(state, 'audit'))} --checkpoint FILE`
  return [
    ['Audit', lines],
    ['Checkpoint', [about, JSON.stringify(checkpoint)]],
  ]
}

const UNCHANGED = 'the call is still denied, so the exit code is 1.'

function nextLines(next: WhatNext): readonly string[] {
  switch (next.kind) {
    case 'allowed':
      return ['Nothing to approve: the policies now allow the call.']
    case 'no-change':
      return [`Nothing to approve: the card says whom to ask. The call is still denied, so the exit code is 1.`]
    case 'too-few':
      return [`Nothing was changed, and ${UNCHANGED} ${next.why}`]
    case 'approve':
      return [
        `Nothing was changed: the change waits for approval, and ${UNCHANGED}`,
        `To approve and apply it on copies of the accounts, add ${next.users.map(user => `--approve-as ${user ?? 'USER'}`).join(' ')}.`,
        'Add --revert to revert it as well. rolemedic start without --once starts the web page with the buttons.',
      ]
  }
}
