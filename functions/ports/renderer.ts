import type { Card, CardEvidence, CodeForm, NoticeCard, StormListItem } from '../domain/card/index.ts'
import type { Config } from '../domain/config/index.ts'
import type { DeployAlert } from '../domain/deploy/index.ts'
import type { Home } from '../domain/home/index.ts'
import type { ChatMessage, LinkedLine } from '../domain/messages/index.ts'
import type { Form, PressedAt, Proposal } from '../domain/proposal/index.ts'

type Shown = ChatMessage | Promise<ChatMessage>

/**
 * How a chat shows things: what its adapter implements. Whatever text goes in comes out as text: never as a mention, a link or markup.
 */
export interface ChatRenderer {
  card(card: Card): Shown
  evidence(evidence: CardEvidence): Shown
  alert(alert: DeployAlert): Shown
  notice(card: NoticeCard): Shown
  text: Renderer['text']
  lines: AnswerRenderer['lines']
  form(
    form: Form,
    proposal: Proposal,
    options: { readonly config: Config; readonly at: PressedAt },
  ): object | Promise<object>
  home: HomeRenderer['home']
}

/** What the functions ask for: it finds out what the card of a proposal says, and has the chat show it. */
export interface Renderer {
  /** The proposal's card in its true state. */
  card(proposal: Proposal, nowMs: number): Promise<ChatMessage>
  /** Under the card: the exact change and what it rests on. */
  evidence(proposal: Proposal): Promise<ChatMessage>
  /** What a failed deploy waits for; its console can be opened from it. */
  alert(alert: DeployAlert): Shown
  /** A card about something else than a denial. */
  notice(card: NoticeCard): Shown
  /**
   * Plain text. `mention`: ids of users and user groups that are notified. `about`: said first where the message is
   * read away from its thread, as on a locked phone.
   */
  text(text: string, mention?: readonly string[], about?: string): ChatMessage
}

/** What the slash command answers. */
export interface AnswerRenderer {
  lines(lines: readonly LinkedLine[]): ChatMessage
}

/** Views that open over the channel: the details, or the form that asks for a reason. */
export interface FormRenderer {
  /** `at`: the card from which it is opened, which its submission has to name. */
  form(form: Form, proposal: Proposal, at: PressedAt): object | Promise<object>
}

/** What a person sees in the app's Home tab. */
export interface HomeRenderer {
  home(home: Home): object | Promise<object>
}

/** Messages besides cards. */
export type SideRenderer = {
  /** The one message of a storm, with a line for each card in its thread. */
  readonly list: (items: readonly StormListItem[], total: number) => ChatMessage
}

export type CodeRenderer = {
  /** To copy into the repository by hand. */
  readonly code: (form: CodeForm) => ChatMessage
}
