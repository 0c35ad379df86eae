/** Modal views: everything known about a proposal, and the forms that ask for a reason. */

import {
  asPlainText,
  code,
  MAX_TEXT_CHARS,
  never,
  own,
  type RichText,
  richText,
  strong,
} from '../../../../core/base/index.ts'
import { denialTitle } from '../../../../core/denial/index.ts'
import type { PolicyDocument } from '../../../../core/iam/index.ts'
import type { PolicyChange } from '../../../../core/patch/index.ts'
import {
  asCode,
  changeLine,
  checks,
  deployNeeds,
  endInWords,
  facts,
  hoursOf,
  lostStatements,
  NO_DIGEST,
  neutralLine,
  printed,
  riskLine,
  statement,
  targetName,
  whatChangedLines,
} from '../../../domain/card/index.ts'
import { type Config, MAX_TICKET_CHARS, type TicketForm } from '../../../domain/config/index.ts'
import type { PressedAt } from '../../../domain/messages/index.ts'
import {
  breakGlassHours,
  buttonValue,
  choiceOf,
  type Form,
  type GrantingAction,
  outcomeOf,
  type Proposal,
} from '../../../domain/proposal/index.ts'
import type { ApprovalForm } from '../../../ports/renderer.ts'
import { formOrigin } from '../form-origin.ts'
import { preformatted } from './card.ts'
import { LONGEST_REASON_CHARS, REASON_BLOCK, TICKET_BLOCK } from './form-blocks.ts'
import { LIMITS } from './limits.ts'
import { richSection, slackPlainText } from './text.ts'

const PIECE_CHARS = 600
const CHUNK_CHARS = 2900
/** Splits between characters, each of which has one or two code units. */
const LONG_PIECES = /.{1,1400}/gsu
const MAX_ROWS = 16

export type FormOptions = { readonly config: Config; readonly at: PressedAt }

export function renderForm(form: Form | ApprovalForm, proposal: Proposal, options: FormOptions): object {
  if (typeof form !== 'string') return approvalForm(form, proposal, options)
  switch (form) {
    case 'details':
      return renderDetails(proposal, options)
    case 'reject':
      return reasonForm(proposal, options.at, {
        id: 'reject',
        title: 'Reject',
        send: 'Reject',
        label: 'Why? The people who wait for it read this.',
      })
    case 'break-glass':
      return reasonForm(proposal, options.at, {
        id: 'break-glass',
        title: 'Break glass',
        send: 'Approve alone',
        label: `Why can it not wait for the others? This is announced and recorded, and the grant ends by itself after ${breakGlassHours(options.config)} h.`,
        about: whatItDoes(proposal),
        hours: breakGlassHours(options.config),
      })
    case 'approve':
    case 'approve-limited':
    case 'approve-alone':
    case 'approve-restore':
    case 'approve-with-pull':
      return confirmation(form, proposal, options)
    case 'not-ratify':
      return reasonForm(proposal, options.at, {
        id: 'not-ratify',
        title: 'Not ratified',
        send: 'Not ratified',
        label: 'Why was it not right? This is recorded beside the reason that was given.',
      })
    default:
      return never(form)
  }
}

/** The whole change again: nobody approves with this form what they have not read. */
function approvalForm({ action, asked }: ApprovalForm, proposal: Proposal, options: FormOptions): object {
  return reasonForm(proposal, options.at, {
    ...approvalOf(action, proposal, options),
    id: action,
    title: 'Approve',
    label: 'Why is it right? This is recorded with your approval.',
    optional: asked.reason === 'optional',
    ticket: asked.ticket,
  })
}

type ReasonForm = {
  readonly id: string
  readonly title: string
  readonly send: string
  readonly label: string
  /** Below the title. Absent: nothing. */
  readonly about?: readonly RichText[]
  /** Absent: that of the proposal. */
  readonly digest?: string
  /** The time that it names. Absent: none. */
  readonly hours?: number | null
  /** Absent: a reason is required. */
  readonly optional?: boolean
  /** Absent or null: no ticket is asked for. */
  readonly ticket?: TicketForm | null
}

/** The change in words, and what else it opens: one person is about to decide alone. */
function whatItDoes(
  proposal: Pick<Proposal, 'patch' | 'verification'> & Parameters<typeof changeLine>[1],
): readonly RichText[] {
  const { patch, verification } = proposal
  const change = patch === null ? null : changeLine(patch.changes, proposal)
  return [...(change === null ? [] : [change]), ...(verification === null ? [] : [riskLine(verification)])]
}

/** Where nothing is asked for: the same change and end, and nothing to fill in. */
function confirmation(action: GrantingAction, proposal: Proposal, options: FormOptions): object {
  const { digest, hours, send, about } = approvalOf(action, proposal, options)
  return {
    type: 'modal',
    callback_id: action,
    private_metadata: formOrigin(buttonValue(proposal.id, digest, { hours }), options.at),
    title: slackPlainText('Approve this change?', LIMITS.modalTitle),
    submit: slackPlainText(send, LIMITS.modalSubmit),
    close: slackPlainText('Cancel', LIMITS.modalClose),
    blocks: about.map(line => ({ type: 'section', text: slackPlainText(asPlainText(line), LIMITS.sectionText) })),
  }
}

/** Who gets what, what that could become, and for how long. */
function approvalOf(
  action: GrantingAction,
  proposal: Proposal,
  { config }: FormOptions,
): {
  readonly digest: string
  readonly hours: number | null
  readonly send: string
  readonly about: readonly RichText[]
} {
  const { patch, verification } = choiceOf(action, proposal) ?? proposal
  const hours = hoursOf(action, proposal, config)
  return {
    digest: patch?.digest ?? NO_DIGEST,
    hours,
    send: hours === null ? 'Approve, no end' : `Approve for ${hours} h`,
    about: [...whatItDoes({ ...proposal, patch, verification }), richText`${endInWords(hours)}`],
  }
}

function reasonForm(proposal: Proposal, at: PressedAt, form: ReasonForm): object {
  return {
    type: 'modal',
    callback_id: form.id,
    private_metadata: formOrigin(
      buttonValue(
        proposal.id,
        form.digest ?? proposal.patch?.digest ?? NO_DIGEST,
        form.hours === undefined ? {} : { hours: form.hours },
      ),
      at,
    ),
    title: slackPlainText(form.title, LIMITS.modalTitle),
    submit: slackPlainText(form.send, LIMITS.modalSubmit),
    close: slackPlainText('Cancel', LIMITS.modalClose),
    blocks: [
      ...[denialTitle(proposal.denial), ...(form.about ?? [])].map(line => ({
        type: 'section',
        text: slackPlainText(asPlainText(line), LIMITS.sectionText),
      })),
      {
        type: 'input',
        block_id: REASON_BLOCK,
        label: slackPlainText(form.label, LIMITS.inputLabel),
        optional: form.optional ?? false,
        element: {
          type: 'plain_text_input',
          action_id: 'reason',
          multiline: true,
          ...(form.optional === true ? {} : { min_length: 1 }),
          max_length: LONGEST_REASON_CHARS,
        },
      },
      ...(form.ticket === undefined || form.ticket === null ? [] : [ticketInput(form.ticket)]),
    ],
  }
}

const ticketInput = ({ pattern, required }: TicketForm): object => ({
  type: 'input',
  block_id: TICKET_BLOCK,
  label: slackPlainText('Ticket', LIMITS.inputLabel),
  hint: slackPlainText(`Its form is ${pattern}`, LIMITS.inputHint),
  optional: !required,
  element: { type: 'plain_text_input', action_id: 'ticket', max_length: MAX_TICKET_CHARS },
})

function renderDetails(proposal: Proposal, { config }: FormOptions): object {
  const { denial, diagnosis, patch, verification } = proposal
  const followUps = proposal.patch === null ? [] : proposal.followUps
  const lost = lostStatements(proposal)
  const required = (outcomeOf(proposal)?.changes ?? patch?.changes ?? []).filter(change => change.required)
  const all = [
    ...section(
      'What was denied',
      facts(proposal, config).map(({ label, value }) => richText`${strong(`${label}: `)}${value}`),
    ),
    ...section('Why', [richText`${diagnosis.summary}`]),
    ...section('What the template of the deploy says', deployNeeds(proposal)),
    ...section('What changed', whatChangedLines(proposal)),
    ...(lost === null ? [] : [heading('What was lost'), ...chunks(lost)]),
    ...section('Evidence', diagnosis.evidence.map(statement)),
    ...section(
      'Not seen',
      diagnosis.unknowns.map(({ fact, why }) => richText`${fact}: ${why}`),
    ),
    ...section(
      'What to do',
      diagnosis.nextSteps.map(({ text, command }) => richText`${text}${command === null ? [] : richText` ${command}`}`),
    ),
    ...(verification === null
      ? []
      : section(
          'Checks',
          checks(verification).map(check => richText`${check.outcome}: ${check.text}`),
        )),
    ...required.flatMap(change => documents(change, 'Change')),
    ...followUps.flatMap(change => documents(change, 'Needed next, not part of this approval')),
    ...required.flatMap(change =>
      asCode(change).flatMap(({ language, text }) => [heading(`As ${language}`), ...chunks(text)]),
    ),
    heading("AWS's own words"),
    ...chunks(denial.message),
    ...section('For support', support(proposal)),
    { type: 'context', elements: [slackPlainText(`${proposal.id} · event ${denial.id}`, 300)] },
  ]
  return {
    type: 'modal',
    callback_id: 'details',
    title: slackPlainText('Details', LIMITS.modalTitle),
    close: slackPlainText('Close', LIMITS.modalClose),
    blocks: fitting(all),
  }
}

/** The ids of the proposal in documents, the audit log and issues. */
function support({ diagnosis, patch, verification }: Proposal): readonly RichText[] {
  const findings = verification?.guardrails ?? []
  const shown = findings.filter(({ outcome }) => outcome !== 'pass').map(({ id, outcome }) => `${id} (${outcome})`)
  return [
    richText`${strong('Verdict:')} ${diagnosis.verdict}, ${diagnosis.cause}`,
    ...(shown.length === 0 ? [] : [richText`${strong('Guardrails:')} ${shown.join(', ')}`]),
    ...(patch === null
      ? []
      : [richText`${strong('Patch digest:')} ${code(patch.digest)}: what is approved, as the audit trail names it.`]),
  ]
}

const heading = (text: string): object => ({ type: 'header', text: slackPlainText(text, LIMITS.headerText) })

/** One rich text block per line, because evidence may be long and each block has its own limit. */
function section(title: string, lines: readonly RichText[]): readonly object[] {
  const shown = lines.slice(0, MAX_ROWS).flatMap(line => paragraph(line))
  const rest = lines.length > MAX_ROWS ? paragraph(richText`and ${lines.length - MAX_ROWS} more`) : []
  return shown.length === 0 ? [] : [heading(title), ...shown, ...rest]
}

function paragraph(line: RichText): readonly object[] {
  const element = richSection(line, PIECE_CHARS)
  return element === null ? [] : [{ type: 'rich_text', elements: [element] }]
}

function documents(change: PolicyChange, title: string): readonly object[] {
  return [
    heading(title),
    ...paragraph(targetName(change.target)),
    ...paragraph([own(change.before === null ? 'Before: it does not exist.' : 'Before')]),
    ...documentChunks(change.before),
    ...paragraph([own('After')]),
    ...documentChunks(change.after),
  ]
}

function documentChunks(document: PolicyDocument | null): readonly object[] {
  return document === null ? [] : chunks(printed(document).join('\n'))
}

/** Splits at line breaks, and inside lines that are too long. Keeps everything. */
function chunks(text: string): readonly object[] {
  const parts: string[] = []
  for (const line of text.split('\n').flatMap(pieces)) {
    const last = parts.at(-1)
    if (last !== undefined && last.length + line.length + 1 <= CHUNK_CHARS) parts[parts.length - 1] = `${last}\n${line}`
    else parts.push(line)
  }
  return parts.filter(part => part.trim() !== '').map(preformatted)
}

function pieces(line: string): readonly string[] {
  const neutral = neutralLine(line, MAX_TEXT_CHARS)
  return neutral.length <= CHUNK_CHARS ? [neutral] : (neutral.match(LONG_PIECES) ?? [])
}

/** The first blocks that fit into a view. */
function fitting(blocks: readonly object[]): readonly object[] {
  const shown: object[] = []
  let length = 0
  for (const block of blocks) {
    length += JSON.stringify(block).length + 1
    if (shown.length === LIMITS.modalBlocks - 1 || length > LIMITS.viewJson - 5_000) {
      shown.push({
        type: 'context',
        elements: [slackPlainText('More does not fit here: see the command line, rolemedic diagnose.', 200)],
      })
      break
    }
    shown.push(block)
  }
  return shown
}
