/** Title, body and commit message of a pull request. */
import { asPlainText, digestOf, HOUR_MS, utc } from '../../../core/base/index.ts'
import type { DeniedRequest } from '../../../core/denial/index.ts'
import { entityName, withoutSecrets } from '../../../core/iam/index.ts'
import { blastRadius, checks } from '../card/index.ts'
import type { ChatSite } from '../messages/index.ts'
import type { PullOrder } from '../proposal/index.ts'
import { changesForCode } from './code-changes.ts'
import { bare, codeBlock, inlineCode, linkTo } from './markdown.ts'
import type { SignedApprovals } from './signed-approvals.ts'

const MAX_LINES = 20
const MAX_PIECE_CHARS = 600
const MAX_BLOCK_CHARS = 20_000
const MAX_BODY_CHARS = 60_000

const span = (text: string): string => inlineCode(text, MAX_PIECE_CHARS)

type Text = Pick<PullOrder, 'proposalId' | 'changes' | 'cardUrl'>

export function pullTitle({ changes }: Pick<Text, 'changes'>, { request }: Pick<SignedApprovals, 'request'>): string {
  if (request === null) return `Change the policies of ${bare(entityName(changes[0]?.target.arn ?? ''))}`
  const { caller, action, resource } = named(request)
  return `Allow ${bare(action)} on ${bare(entityName(resource))} for ${bare(entityName(caller).replace(OF_ACCOUNT, ''))}`
}

const named = ([caller, action, resource]: DeniedRequest) => ({
  caller: caller ?? 'an unknown caller',
  action: action ?? 'an unknown action',
  resource: resource ?? 'a role that the event does not name',
})

/** As fingerprints name callers: `role/111122223333/deployer`. */
const OF_ACCOUNT = /^(?:role|user)\/[^/]*\//

/** `bridgeEndsAtMs`: null once it is over. */
export function pullBody(
  { proposalId, changes, cardUrl }: Text,
  { approvers, codeOnly, needed, risk, request, shown, bridgeEndsAtMs }: SignedApprovals,
  chat: ChatSite,
): string {
  const reach = blastRadius(changes)
  const card = linkTo(`the card in ${chat.name}`, cardUrl ?? '', chat.hosts)
  const parts = [
    ...(request === null ? [] : [deniedLine(request)]),
    shown === null ? NOT_SHOWN : `**Why:** ${span(shown.summary)}`,
    bridgeEndsAtMs === null
      ? '**Until this is deployed,** the request stays denied.'
      : `**Until ${utc(bridgeEndsAtMs)},** people approved a grant outside the code. It ends then, or as soon as this is merged and deployed.`,
    ...(reach === null ? [] : [`**Blast radius:** ${span(asPlainText(reach))}`]),
    `**Risk:** ${span(risk ?? 'unknown')}`,
    ...list('Checks', shown === null ? [] : checks(shown.verification).map(({ text }) => asPlainText(text))),
    ...list(
      `Approved in ${chat.name} by${approvers.length < needed ? ` (${approvers.length} of ${needed})` : ''}`,
      approvers,
    ),
    ...list(`Asked for in ${chat.name} as code alone by`, codeOnly),
    '### The change\n',
    ...changesForCode(changes).map(
      ({ target, after }) =>
        `${span(target.kind)} of ${span(target.arn)}${target.policyName === null ? '' : `, policy ${span(target.policyName)}`}\n\n${codeBlock(JSON.stringify(withoutSecrets(after), null, 2), 'json', MAX_BLOCK_CHARS)}`,
    ),
  ]
  const end = `---\nProposal ${span(proposalId)}: search the audit log for it.${card === null ? '' : ` Decided on ${card} (nobody signed this link).`} rolemedic never merges; close this to refuse it.`
  return wholeParts(parts, end)
}

function deniedLine(request: DeniedRequest): string {
  const { caller, action, resource } = named(request)
  return `**Denied:** ${span(action)} on ${span(resource)} for ${span(caller)}`
}

const NOT_SHOWN =
  '**Why:** not said here. What was sent as the cause and the checks is not what anybody signed: read the audit log.'

/** Said as a pull request is closed. Anybody who sends orders can have it closed. */
export const CLOSED = 'Closed by rolemedic: the audit log says why.'

/** Null: nobody signed an end, or it has no such reminder. */
export function reminderOf(
  reminder: number | null,
  bridgeEndsAtMs: number | null,
): { readonly key: string; readonly text: string } | null {
  if (reminder === null || reminder >= REMIND_BEFORE_MS.length || bridgeEndsAtMs === null) return null
  const text = `Not merged yet. The grant that people approved outside the code ends ${utc(bridgeEndsAtMs)}; from then on the request is denied.`
  return { key: `reminder/${bridgeEndsAtMs}/${reminder}`, text }
}

/** Times of reminders before the end of the bridge. The last one leaves enough time to act. */
export const REMIND_BEFORE_MS = [24 * HOUR_MS, 4 * HOUR_MS]

const CUT = 'The rest does not fit here.'

/** Parts as far as they fit, and the end. A cut inside of a part would leave its code open, and outside text would be markup. */
function wholeParts(parts: readonly string[], end: string): string {
  const shown: string[] = []
  let left = MAX_BODY_CHARS - end.length - CUT.length - 4
  for (const part of parts) {
    left -= part.length + 2
    if (left < 0) return [...shown, CUT, end].join('\n\n')
    shown.push(part)
  }
  return [...shown, end].join('\n\n')
}

function list(title: string, lines: readonly string[]): readonly string[] {
  if (lines.length === 0) return []
  return [
    `**${title}:**\n\n${lines
      .slice(0, MAX_LINES)
      .map(line => `- ${span(line)}`)
      .join('\n')}`,
  ]
}

const PROPOSAL_TRAILER = 'Rolemedic-Proposal'
const CONTENT_TRAILER = 'Rolemedic-Content'

type Content = readonly { readonly file: string; readonly after: string }[]

/** Has trailers by which a later run recognizes its own commit. */
export function commitMessage(title: string, proposalId: string, content: Content): string {
  return `${title}\n\n${PROPOSAL_TRAILER}: ${bare(proposalId)}\n${CONTENT_TRAILER}: ${contentDigest(content)}\n`
}

const contentDigest = (content: Content): string => digestOf(content.map(({ file, after }) => ({ file, after })))

type Head = { readonly commit: string; readonly message: string }

/**
 * Who wrote the last commit of a branch: rolemedic for this content, rolemedic for other content of this proposal, or somebody
 * else. `content`: null if nothing is to be compared. `written`: the last commit of rolemedic, needed because a person's amended commit
 * keeps the trailers. Null: unknown.
 */
export function authorOf(
  { commit, message }: Head,
  proposalId: string,
  content: Content | null,
  written: string | null,
): 'same' | 'ours' | 'foreign' {
  const lines = message.trimEnd().split('\n')
  if (!lines.includes(`${PROPOSAL_TRAILER}: ${bare(proposalId)}`)) return 'foreign'
  if (content !== null && lines.includes(`${CONTENT_TRAILER}: ${contentDigest(content)}`)) return 'same'
  return written === null || written === commit ? 'ours' : 'foreign'
}
