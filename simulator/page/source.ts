/** The running bot, as the page sees and touches it. */

import { UsageError } from '../../functions/domain/base/errors.ts'
import { never } from '../../functions/domain/base/result.ts'
import type { Config } from '../../functions/domain/config/config.ts'
import { DECIDING_ACTIONS, FORMS } from '../../functions/domain/proposal/click.ts'
import type { Bot } from '../bot.ts'
import type { StoredMessage } from '../fake-slack/fake-slack.ts'
import { person, viewers } from '../sample-users.ts'
import { type Button, buttonPress, buttonsOf, formSubmission, slashCommand } from '../slack-press.ts'
import type { PageSource, Press } from './server.ts'

const ACTIONS = [...new Set([...DECIDING_ACTIONS, ...FORMS])]

/** What the bot finds wrong with the fields of a form, which then stays open; null: nothing. https://docs.slack.dev/surfaces/modals */
function complaints(body: string): string | null {
  if (!body.startsWith('{')) return null
  const { response_action: action, errors } = JSON.parse(body) as { response_action?: string; errors?: object }
  return action === 'errors' ? Object.values(errors ?? {}).join(' ') : null
}

export function pageSource(bot: Bot, config: Config): PageSource {
  /** Slack shows a view to whoever pressed; the stand-in does not know who that was. */
  const openedBy = new Map<string, string>()

  /** A page may show a card as it was: its buttons are sent as they were, and the bot says what became of them. */
  const drawn = new Map<string, Button>()
  const keyOf = (message: Pick<StoredMessage, 'channel' | 'ts'>, actionId: string, nth: number) =>
    [message.channel, message.ts, actionId, nth].join('/')

  function messages(): readonly StoredMessage[] {
    const all = bot.slack.messages()
    for (const message of all) {
      for (const action of ACTIONS) {
        for (const [nth, button] of buttonsOf(message, action).entries()) drawn.set(keyOf(message, action, nth), button)
      }
    }
    return all
  }

  async function press(personId: string, what: Press): Promise<void> {
    const by = person(personId)
    switch (what.kind) {
      case 'press': {
        const message = bot.slack.messages().find(({ channel, ts }) => channel === what.channel && ts === what.ts)
        const button = drawn.get(keyOf(what, what.actionId, what.nth))
        if (message === undefined || button === undefined) throw new UsageError('that button is not there any more')
        const before = new Set(bot.slack.views().map(({ id }) => id))
        await bot.request(buttonPress(by, message, button))
        for (const { id } of bot.slack.views()) if (!before.has(id)) openedBy.set(id, personId)
        return
      }
      case 'submit': {
        const view = bot.slack.views().find(({ id }) => id === what.view)
        if (view === undefined) throw new UsageError('that form is not open any more')
        const { body } = await bot.request(formSubmission(by, view, what.values))
        const wrong = complaints(body)
        if (wrong !== null) throw new UsageError(wrong)
        bot.slack.closeView(what.view)
        return
      }
      case 'close':
        bot.slack.closeView(what.view)
        return
      case 'command': {
        const { body } = await bot.request(slashCommand(by, config.channel, what.text))
        if (body !== '') await postEphemeral(personId, body)
        return
      }
      default:
        never(what)
    }
  }

  /** Slack shows the answer to a command to whoever gave it. */
  async function postEphemeral(user: string, answer: string): Promise<void> {
    await fetch(`${bot.slack.url}chat.postEphemeral`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer xoxb-stand-in' },
      body: JSON.stringify({ ...(JSON.parse(answer) as object), channel: config.channel, user }),
    })
  }

  return {
    viewers: viewers(config),
    accounts: bot.accounts,
    messages,
    modalFor: personId => bot.slack.views().findLast(({ id }) => openedBy.get(id) === personId) ?? null,
    audit: () => bot.audit(),
    onChange: bot.onChange,
    press,
  }
}
