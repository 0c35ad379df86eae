/** The running bot as the source of the web page. */

import * as z from 'zod'
import { HOUR_MS, never, UsageError } from '../../core/base/index.ts'
import type { BotConfig } from '../../functions/domain/config/index.ts'
import type { Person } from '../../functions/domain/messages/index.ts'
import { modeOfDenial, withoutFaults } from '../../functions/workflows/index.ts'
import type { Bot } from '../bot.ts'
import { sampleUser, viewers } from '../sample-users.ts'
import { buttonPress, formSubmission, homeButtonPress, homeOpened, slashCommand } from '../slack-requests.ts'
import { SAMPLES, type SampleEvent } from './samples.ts'
import { sendDenial, sendDeploy } from './send-sample.ts'
import type { Press, WebUiSource } from './server.ts'

const formAnswer = z.object({
  response_action: z.string().optional(),
  errors: z.record(z.string(), z.string()).default({}),
})

/**
 * The validation errors of a form, which then stays open. Null: none.
 * https://docs.slack.dev/surfaces/modals
 */
function formErrors(body: string): string | null {
  if (!body.startsWith('{')) return null
  const { response_action: action, errors } = formAnswer.parse(JSON.parse(body))
  return action === 'errors' ? Object.values(errors).join(' ') : null
}

/** Events that a person gave: sent as they are. */
export async function feedAll(events: ReturnType<SampleEvent['events']>, bot: Bot): Promise<void> {
  for (const event of events) {
    if ('reader' in event) await bot.feedDeploy(event.event, event.reader, event.recorded)
    else await bot.feed(event.record)
  }
}

/** What a card has granted since does not fail again. Returns what the channel does not show. */
export async function feedSample(
  events: ReturnType<SampleEvent['events']>,
  local: { readonly bot: Bot; readonly config: BotConfig },
): Promise<readonly string[]> {
  const notes: (string | null)[] = []
  for (const event of events) {
    if ('reader' in event) notes.push(await sendDeploy(event, local))
    else if (events.length > 1) await local.bot.feed(event.record)
    else notes.push(await sendDenial(event.record, local.bot))
  }
  return notes.filter(note => note !== null)
}

type Options = {
  readonly config: BotConfig
  /** The samples only work with the sample accounts. */
  readonly withSamples: boolean
  /** Why a deploy failed, by a pasted text. */
  readonly explain: WebUiSource['explain']
}

type PressedButton = Extract<Press, { readonly kind: 'press' }>

export function botSource(bot: Bot, { config, withSamples, explain }: Options): WebUiSource {
  /** Slack shows a view to the user who pressed the button, whom the fake does not know. */
  const openedBy = new Map<string, string>()

  async function pressButton(personId: string, what: PressedButton): Promise<void> {
    const body = requestFor(sampleUser(personId), what)
    if (body === null) throw new UsageError('this button no longer exists')
    const before = new Set(bot.slack.views().map(({ id }) => id))
    const { statusCode } = await bot.request(body)
    for (const { id } of bot.slack.views()) if (!before.has(id)) openedBy.set(id, personId)
    if (statusCode >= 400) throw new UsageError(`the bot refused the request: ${statusCode}`)
  }

  /** Null: the message or view of the button does not exist any more. */
  function requestFor(by: Person, { message, button }: PressedButton): string | null {
    if (message === null) {
      const home = bot.slack.home(by.id)
      return home === null ? null : homeButtonPress(by, home, button)
    }
    const found = bot.slack.messages().find(({ channel, ts }) => channel === message.channel && ts === message.ts)
    return found === undefined ? null : buttonPress(by, found, button)
  }

  async function submit(personId: string, viewId: string, values: readonly string[]): Promise<void> {
    const view = bot.slack.views().find(({ id }) => id === viewId)
    if (view === undefined) throw new UsageError('this form is no longer open')
    const { body } = await bot.request(formSubmission(sampleUser(personId), view, values))
    const errors = formErrors(body)
    if (errors !== null) throw new UsageError(errors)
    bot.slack.closeView(viewId)
  }

  async function press(personId: string, what: Press): Promise<void> {
    switch (what.kind) {
      case 'press':
        return pressButton(personId, what)
      case 'submit':
        return submit(personId, what.view, what.values)
      case 'close':
        bot.slack.closeView(what.view)
        return
      case 'command': {
        const { body } = await bot.request(slashCommand(sampleUser(personId), config.channel, what.text))
        if (body !== '') await postEphemeral(personId, body)
        return
      }
      case 'open-home':
        await bot.request(homeOpened(sampleUser(personId), bot.slack.home(personId), bot.clock()))
        return
      case 'sample': {
        const sample = SAMPLES.find(({ id }) => id === what.id)
        if (sample === undefined || !withSamples) throw new UsageError('there is no such sample')
        for (const note of await feedSample(sample.events(bot.clock()), { bot, config })) {
          const text = { type: 'plain_text', text: note }
          await postEphemeral(personId, JSON.stringify({ text: note, blocks: [{ type: 'section', text }] }))
        }
        return
      }
      case 'wait':
        return bot.wait(what.hours * HOUR_MS)
      default:
        never(what)
    }
  }

  /** Slack shows such a message only to its user. */
  async function postEphemeral(user: string, answer: string): Promise<void> {
    await fetch(`${bot.slack.url}chat.postEphemeral`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer xoxb-fake' },
      body: JSON.stringify({ ...z.looseObject({}).parse(JSON.parse(answer)), channel: config.channel, user }),
    })
  }

  return {
    viewers: viewers(config),
    samples: withSamples ? SAMPLES : [],
    accounts: bot.accounts,
    modeOf: accountId => modeOfDenial({ accountId }, { config, units: withoutFaults(bot.accounts.units) }),
    messages: bot.slack.messages,
    modalFor: personId => bot.slack.views().findLast(({ id }) => openedBy.get(id) === personId) ?? null,
    homeFor: bot.slack.home,
    audit: () => bot.audit(),
    onChange: bot.onChange,
    explain,
    press,
    page: bot.page,
  }
}
