import type { Card, CardEvidence, CodeForm, NoticeCard, StormListItem } from '../domain/card/index.ts'
import type { Asked, Config } from '../domain/config/index.ts'
import type { DeployAlert, DeployStanding } from '../domain/deploy/index.ts'
import type { Home } from '../domain/home/index.ts'
import type { ChatMessage, LinkedLine, PressedAt } from '../domain/messages/index.ts'
import type { Form, GrantingAction, Proposal } from '../domain/proposal/index.ts'

type Shown = ChatMessage | Promise<ChatMessage>

/** How a chat shows things: what its adapter implements. Whatever text goes in comes out as text: never as a mention, a link or markup. */
export interface ChatRenderer {
  card(card: Card): Shown
  evidence(evidence: CardEvidence): Shown
  alert(alert: DeployAlert): Shown
  notice(card: NoticeCard): Shown
  text: Renderer['text']
  lines: AnswerRenderer['lines']
  lists: AnswerRenderer['lists']
  form(
    form: Form | ApprovalForm,
    proposal: Proposal,
    options: { readonly config: Config; readonly at: PressedAt },
  ): object | Promise<object>
  home: HomeRenderer['home']
}

/** What the functions ask for: it finds out what the card of a proposal says, and has the chat show it. */
export interface Renderer {
  /** The proposal's card with its current state. `deploys`: the failed deploys that wait for it, where there are several. */
  card(proposal: Proposal, nowMs: number, deploys?: readonly DeployStanding[]): Promise<ChatMessage>
  /** The reply under the card: the exact change and its evidence. `calls`: it mentions the people who can decide now. */
  evidence(proposal: Proposal, options?: { readonly calls?: boolean }): Promise<ChatMessage>
  /** What a failed deploy waits for; its console can be opened from it. */
  alert(alert: DeployAlert): Shown
  /** A card about something else than a denial. */
  notice(card: NoticeCard): Shown
  /**
   * Plain text. `mention`: ids of users and user groups to notify. `about`: an introduction for places outside the thread, such
   * as a lock screen.
   */
  text(text: string, mention?: readonly string[], about?: string): ChatMessage
}

/** Answers to the slash command. */
export interface AnswerRenderer {
  lines(lines: readonly LinkedLine[]): ChatMessage
  /** The lists of a Home tab as a message. */
  lists(lists: Home): Shown
}

/** The form before an approval, where the configuration asks for a reason or a ticket. */
export type ApprovalForm = { readonly action: GrantingAction; readonly asked: Asked }

/** Modal views: the details, or the form that asks for a reason. */
export interface FormRenderer {
  /** `at`: the card that opens the form. Its submission must name the same card. */
  form(form: Form | ApprovalForm, proposal: Proposal, at: PressedAt): object | Promise<object>
}

/** What a person sees in the app's Home tab. */
export interface HomeRenderer {
  home(home: Home): object | Promise<object>
}

/** Messages other than cards. */
export type SideRenderer = {
  /** The storm list, with a line for each card in its thread. */
  readonly list: (items: readonly StormListItem[], total: number) => ChatMessage
}

export type CodeRenderer = {
  /** Code to copy into the repository by hand. */
  readonly code: (form: CodeForm) => ChatMessage
}
