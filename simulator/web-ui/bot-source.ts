/** The running bot as the source of the web page. */

import * as z from 'zod'
import { UsageError } from '../../functions/domain/base/errors.ts'
import { never } from '../../functions/domain/base/result.ts'
import type { BotConfig } from '../../functions/domain/config/config.ts'
import { DECIDING_ACTIONS, FORMS } from '../../functions/domain/proposal/click.ts'
import { modeOfDenial, withoutFaults } from '../../functions/workflows/approval/account-mode.ts'
import type { Bot } from '../bot.ts'
import type { StoredMessage } from '../fake-slack/fake-slack.ts'
import { sampleUser, viewers } from '../sample-users.ts'
import { type Button, buttonPress, buttonsOf, formSubmission, slashCommand } from '../slack-requests.ts'
import type { Press, WebUiSource } from './server.ts'

const ACTIONS = [...new Set([...DECIDING_ACTIONS, ...FORMS])]

const formAnswer = z.object({
  response_action: z.string().optional(),
  errors: z.record(z.string(), z.string()).default({}),
})

/** The validation errors of a form, which then stays open; null if there are none. https://docs.slack.dev/surfaces/modals */
function formErrors(body: string): string | null {
  if (!body.startsWith('{')) return null
  const { response_action: action, errors } = formAnswer.parse(JSON.parse(body))
  return action === 'errors' ? Object.values(errors).join(' ') : null
}

export function botSource(bot: Bot, config: BotConfig): WebUiSource {
  /** Slack shows a view to the user who pressed the button, which the fake does not know. */
  const openedBy = new Map<string, string>()

  /** A page can show an outdated card: its buttons are still sent, and the bot answers what has happened since. */
  const shownButtons = new Map<string, Button>()
  const keyOf = (message: Pick<StoredMessage, 'channel' | 'ts'>, actionId: string, nth: number) =>
    [message.channel, message.ts, actionId, nth].join('/')

  function messages(): readonly StoredMessage[] {
    const all = bot.slack.messages()
    for (const message of all) {
      for (const action of ACTIONS) {
        for (const [nth, button] of buttonsOf(message, action).entries())
          shownButtons.set(keyOf(message, action, nth), button)
      }
    }
    return all
  }

  async function press(personId: string, what: Press): Promise<void> {
    const by = sampleUser(personId)
    switch (what.kind) {
      case 'press': {
        const message = bot.slack.messages().find(({ channel, ts }) => channel === what.channel && ts === what.ts)
        const button = shownButtons.get(keyOf(what, what.actionId, what.nth))
        if (message === undefined || button === undefined) throw new UsageError('this button no longer exists')
        const before = new Set(bot.slack.views().map(({ id }) => id))
        await bot.request(buttonPress(by, message, button))
        for (const { id } of bot.slack.views()) if (!before.has(id)) openedBy.set(id, personId)
        return
      }
      case 'submit': {
        const view = bot.slack.views().find(({ id }) => id === what.view)
        if (view === undefined) throw new UsageError('this form is no longer open')
        const { body } = await bot.request(formSubmission(by, view, what.values))
        const errors = formErrors(body)
        if (errors !== null) throw new UsageError(errors)
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

  /** Slack shows the answer to a slash command only to its user. */
  async function postEphemeral(user: string, answer: string): Promise<void> {
    await fetch(`${bot.slack.url}chat.postEphemeral`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer xoxb-fake' },
      body: JSON.stringify({ ...z.looseObject({}).parse(JSON.parse(answer)), channel: config.channel, user }),
    })
  }

  return {
    viewers: viewers(config),
    accounts: bot.accounts,
    modeOf: accountId => modeOfDenial({ accountId }, { config, units: withoutFaults(bot.accounts.units) }),
    messages,
    modalFor: personId => bot.slack.views().findLast(({ id }) => openedBy.get(id) === personId) ?? null,
    audit: () => bot.audit(),
    onChange: bot.onChange,
    press,
  }
}
