/** Title, body and commit message of a pull request. */
import { asPlainText, digestOf, utc } from '../../../core/base/index.ts'
import { entityName, withoutSecrets } from '../../../core/iam/index.ts'
import { blastRadius } from '../card/index.ts'
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

export function pullTitle({ facts }: Pick<PullOrder, 'facts'>): string {
  return `Allow ${bare(facts.action)} on ${bare(entityName(facts.resource))} for ${bare(entityName(facts.principal))}`
}

export function pullBody(
  { proposalId, facts, changes }: Pick<PullOrder, 'proposalId' | 'facts' | 'changes'>,
  { approvers, codeOnly, needed, risk }: SignedApprovals,
  chat: ChatSite,
): string {
  const { action, principal, resource, deniedAtMs, cause, verdict, checks, bridgeEndsAtMs } = facts
  // Of the changes that people signed.
  const reach = blastRadius(changes)
  const card = linkTo(`the card in ${chat.name}`, facts.cardUrl ?? '', chat.hosts)
  const parts = [
    `**Denied:** ${span(action)} on ${span(resource)} for ${span(principal)}${deniedAtMs === null ? '' : `, ${utc(deniedAtMs)}`}`,
    `**Why** (${span(verdict)}): ${span(cause)}`,
    bridgeEndsAtMs === null
      ? '**Until this is deployed,** the request stays denied.'
      : `**Until ${utc(bridgeEndsAtMs)},** a grant outside the code allows the request. It ends then, or as soon as this is merged and deployed.`,
    ...(reach === null ? [] : [`**Blast radius:** ${span(asPlainText(reach))}`]),
    `**Risk:** ${span(risk ?? 'unknown')}`,
    ...list('Checks', checks),
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
  const end = `---\nProposal ${span(proposalId)}: search the audit log for it.${card === null ? '' : ` Decided on ${card}.`} rolemedic never merges; close this to refuse it.`
  return wholeParts(parts, end)
}

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
export function commitMessage(order: Pick<PullOrder, 'proposalId' | 'facts'>, content: Content): string {
  return `${pullTitle(order)}\n\n${PROPOSAL_TRAILER}: ${bare(order.proposalId)}\n${CONTENT_TRAILER}: ${contentDigest(content)}\n`
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
