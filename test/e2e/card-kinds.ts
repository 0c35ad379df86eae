/**
 * Every kind of card, as data. Each kind follows the ones before it and is what the real bot posts. Statuses that need an
 * accident are rendered from a sample proposal.
 */
import { join } from 'node:path'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../core/base/time.ts'
import { cardRenderer } from '../../functions/adapters/composition/renderer.ts'
import { grantQuestion } from '../../functions/domain/card/grants/grant-question.ts'
import type { NoticeCard } from '../../functions/domain/card/grants/notice-card.ts'
import { setSuggestion } from '../../functions/domain/card/grants/set-suggestion.ts'
import { settledCard, settlingCard } from '../../functions/domain/card/grants/settling.ts'
import { type BotConfig, botConfigSchema } from '../../functions/domain/config/config.ts'
import type { SetSuggestion } from '../../functions/domain/grants/equal-approvals.ts'
import type { JudgedMember } from '../../functions/domain/grants/judge-set.ts'
import type { GrantUse, Proposal } from '../../functions/domain/proposal/proposal.ts'
import { SILENT_OBSERVER } from '../../functions/ports/silent-observer.ts'
import { type Bot, startBot } from '../../simulator/bot.ts'
import type { HomeView, OpenView, SlackCall, StoredMessage } from '../../simulator/fake-slack/fake-slack.ts'
import { SAMPLE_ACCOUNTS, SAMPLE_ORGANIZATION } from '../../simulator/sample-records.ts'
import { sampleUser } from '../../simulator/sample-users.ts'
import { buttonPress, buttonsOf, formSubmission, homeOpened, slashCommand } from '../../simulator/slack-requests.ts'
import { feedAll } from '../../simulator/web-ui/bot-source.ts'
import { SAMPLES } from '../../simulator/web-ui/samples.ts'
import { CODE } from '../fakes/bridge-world.ts'
import { NOON, sampleProposal } from '../fakes/sample-proposal.ts'

/** The root message first, then its thread. */
export type ShownCard = readonly StoredMessage[]

export type Kind = {
  readonly name: string
  /** Makes the card, after the kinds before it. */
  readonly make: (world: World) => Promise<ShownCard>
  /** The lower edge of the first button in pixels below the top of the card, at 390 and at 1440 px. Null: no button. */
  readonly firstButton: readonly [phone: number, desktop: number] | null
}

const CONFIG = {
  mode: 'approve',
  channel: 'C0DEPLOYS',
  digestAfterCards: 100,
  approvers: { users: ['U0ONCALL1', 'U0ONCALL2', 'U0ONCALL3'] },
  machineUsers: ['arn:aws:iam::*:user/ci-*'],
  accounts: { '111122223333': { alias: 'orders-dev' }, '444455556666': { alias: 'shared-tools' } },
}
const CONFIGS = {
  approve: botConfigSchema.parse(CONFIG),
  quiet: botConfigSchema.parse({ ...CONFIG, mode: 'observe' }),
  recommend: botConfigSchema.parse({ ...CONFIG, mode: 'recommend' }),
  build: botConfigSchema.parse(CONFIG),
  stack: botConfigSchema.parse(CONFIG),
  closing: botConfigSchema.parse({ ...CONFIG, mentionRequester: true }),
  frozen: botConfigSchema.parse({
    ...CONFIG,
    freezeWindows: [
      { name: 'year end', owner: 'release board', from: '2026-11-30T00:00:00Z', until: '2027-01-04T07:00:00Z' },
    ],
  }),
  storm: botConfigSchema.parse({ ...CONFIG, digestAfterCards: 2 }),
  glass: botConfigSchema.parse({
    ...CONFIG,
    breakGlass: { group: 'S0NIGHTSHIFT', announceChannel: 'C0SECURITY' },
  }),
  asks: botConfigSchema.parse({
    ...CONFIG,
    approval: {
      reason: 'required',
      ticket: { pattern: 'OPS-[0-9]{1,6}', url: 'https://acme.atlassian.net/browse/{ticket}', required: true },
    },
  }),
} satisfies { [name: string]: BotConfig }
type ConfigName = keyof typeof CONFIGS

/** A Monday. */
const STARTED_MS = Date.UTC(2026, 10, 30, 9)

/** One bot per configuration, started when a kind needs it. */
export class World {
  readonly #state: string
  readonly #bots = new Map<ConfigName, Promise<Bot>>()
  readonly #cards = new Map<string, { readonly bot: Bot; readonly ts: string }>()

  constructor(state: string) {
    this.#state = state
  }

  bot(name: ConfigName): Promise<Bot> {
    const known = this.#bots.get(name)
    if (known !== undefined) return known
    const started = startBot({
      state: join(this.#state, name),
      accounts: SAMPLE_ACCOUNTS,
      org: SAMPLE_ORGANIZATION,
      config: CONFIGS[name],
      observer: SILENT_OBSERVER,
      pace: 0,
      sweepEveryMs: null,
      // Only `wait` moves it, so that cards are the same each time.
      machine: () => STARTED_MS,
    })
    this.#bots.set(name, started)
    return started
  }

  /** Sends a sample. The card is the newest of the new root messages, and keeps this name. */
  async send(name: string, sampleId: string, config: ConfigName = 'approve'): Promise<ShownCard> {
    const before = new Set((await this.bot(config)).slack.messages().map(({ ts }) => ts))
    const bot = await this.#feed(sampleId, config)
    const card = bot.slack
      .messages()
      .findLast(({ ts, threadTs, ephemeralFor }) => !before.has(ts) && threadTs === null && ephemeralFor === null)
    if (card === undefined) throw new Error(`${sampleId} made no card`)
    this.#cards.set(name, { bot, ts: card.ts })
    return this.card(name)
  }

  /** For accounts without cards. */
  async observe(sampleId: string): Promise<void> {
    await this.#feed(sampleId, 'quiet')
  }

  async #feed(sampleId: string, config: ConfigName): Promise<Bot> {
    const bot = await this.bot(config)
    const sample = SAMPLES.find(({ id }) => id === sampleId)
    if (sample === undefined) throw new Error(`there is no sample ${sampleId}`)
    const events = sample.events(bot.clock())
    // The denials of a storm one after the other, because their order is that of the list.
    const batches = sampleId === 'storm' ? events.map(event => [event]) : [events]
    for (const batch of batches) {
      await feedAll(batch, bot)
      await bot.idle()
    }
    return bot
  }

  card(name: string): ShownCard {
    const { bot, ts } = this.#named(name)
    const all = bot.slack.messages()
    return all.filter(message => message.ts === ts).concat(all.filter(message => message.threadTs === ts))
  }

  async press(name: string, action: string, user = 'U0ONCALL1'): Promise<ShownCard> {
    const { bot } = this.#named(name)
    const [message] = this.card(name)
    const button = message === undefined ? undefined : buttonsOf(message, action)[0]
    if (message === undefined || button === undefined) throw new Error(`the card ${name} offers no ${action}`)
    await bot.request(buttonPress(sampleUser(user), message, button))
    await bot.idle()
    return this.card(name)
  }

  /** The form that a press opens. */
  async form(name: string, action: string, user = 'U0ONCALL1'): Promise<OpenView> {
    const { bot } = this.#named(name)
    const before = bot.slack.views().map(({ id }) => id)
    await this.press(name, action, user)
    const form = bot.slack.views().findLast(({ id }) => !before.includes(id))
    if (form === undefined) throw new Error(`${action} opened no form`)
    return form
  }

  async submit(name: string, form: OpenView, values: readonly string[], user = 'U0ONCALL1'): Promise<ShownCard> {
    const { bot } = this.#named(name)
    await bot.request(formSubmission(sampleUser(user), form, values))
    await bot.idle()
    return this.card(name)
  }

  /** The newest message whose text has these words, and its thread; it keeps this name. */
  async message(name: string, words: string, config: ConfigName): Promise<ShownCard> {
    const bot = await this.bot(config)
    const found = bot.slack.messages().findLast(({ text, threadTs }) => threadTs === null && text.includes(words))
    if (found === undefined) throw new Error(`no message says ${words}`)
    this.#cards.set(name, { bot, ts: found.ts })
    return this.card(name)
  }

  async home(user: string, config: ConfigName = 'approve'): Promise<HomeView> {
    const bot = await this.bot(config)
    await bot.request(homeOpened(sampleUser(user), null, bot.clock()))
    await bot.idle()
    const home = bot.slack.home(user)
    if (home === null) throw new Error('no Home tab was published')
    return home
  }

  /** What Slack shows a person after the slash command. */
  async answer(text: string, user = 'U0ONCALL1', config: ConfigName = 'approve'): Promise<ShownCard> {
    const bot = await this.bot(config)
    const { body } = await bot.request(slashCommand(sampleUser(user), 'C0DEPLOYS', text))
    return [message(JSON.parse(body) as Pick<StoredMessage, 'text' | 'blocks'>)]
  }

  /** Everything that the bots have sent: each message in its last form. */
  async messages(): Promise<readonly StoredMessage[]> {
    const bots = await Promise.all(this.#bots.values())
    return bots.flatMap(bot => bot.slack.messages())
  }

  /** Every call of the chat's API, also those whose message has changed since. */
  async calls(): Promise<readonly SlackCall[]> {
    const bots = await Promise.all(this.#bots.values())
    return bots.flatMap(bot => bot.slack.calls())
  }

  async close(): Promise<void> {
    for (const bot of this.#bots.values()) await (await bot).close()
  }

  #named(name: string): { readonly bot: Bot; readonly ts: string } {
    const found = this.#cards.get(name)
    if (found === undefined) throw new Error(`there is no card ${name}`)
    return found
  }
}

const message = (content: { readonly text: string; readonly blocks: readonly object[] }): StoredMessage => ({
  channel: 'C0DEPLOYS',
  ts: '1795521600.000100',
  threadTs: null,
  ephemeralFor: null,
  updatedCount: 0,
  metadata: null,
  ...content,
})

const sent = (sampleId: string, firstButton: Kind['firstButton'], config?: ConfigName) => ({
  make: (world: World) => world.send(sampleId, sampleId, config),
  firstButton,
})

/** The renderer's dependencies if nothing must be looked up. */
const renderer = () => {
  const chat = {
    groupMembers: async () => ({ known: true as const, value: [] }),
    userByEmail: async () => ({ known: true as const, value: null }),
    membership: async () => ({ known: true as const, value: { kind: 'member' as const } }),
  }
  return cardRenderer({ config: CONFIGS.approve, chat, units: async () => ({ known: true, value: [] }) })
}

/** A card that no sample leads to. */
const rendered = async (proposal: Proposal): Promise<ShownCard> => [
  message(await renderer().card(proposal, NOON + MINUTE_MS)),
]

const noticed = (name: string, card: NoticeCard, firstButton: Kind['firstButton']): Kind => ({
  name,
  make: async () => [message(await renderer().notice(card))],
  firstButton,
})

const unused = sampleProposal({ status: 'confirmed' })
const QUESTION = { atMs: NOON + 45 * DAY_MS, card: { conversation: 'C0DEPLOYS', message: '' }, isSeen: false }
const NEVER_USED: GrantUse = {
  lookedAtMs: QUESTION.atMs,
  wholeSinceMs: null,
  unseen: 'the record of RunInstances does not show the role',
  lastUsedAtMs: null,
  question: QUESTION,
  kept: null,
}

const orders = (name: string) => `arn:aws:iam::111122223333:role/orders-${name}`
const SET = { name: 'orders', pattern: orders('*'), services: ['ecs-tasks.amazonaws.com'] }
const SUGGESTION: SetSuggestion = {
  set: SET,
  approvals: ['api', 'web', 'worker'].map((name, at) => ({
    proposalId: `p-${name}`,
    action: 'iam:PassRole',
    role: orders(name),
    services: SET.services,
    deploy: null,
    atMs: NOON + at * DAY_MS,
  })),
}
const member = (name: string, changed: Partial<JudgedMember> = {}): JudgedMember => ({
  ...{ name, risk: 'low', why: null, isUnread: false, isAdministrator: false },
  ...changed,
})
const SAFE = ['orders-api', 'orders-web', 'orders-worker'].map(name => member(name))
const ADMINISTRATOR = member('orders-admin', {
  risk: 'high',
  why: 'With orders-admin, deployer could do anything in the account.',
  isAdministrator: true,
})
const setCard = (members: readonly JudgedMember[]) =>
  setSuggestion(unused, SUGGESTION, { members: { known: true, value: members }, refused: null })

const closed = sampleProposal({ status: 'closed' })
const BY_ITSELF = 'The policies allow it, and the role was 4 s old when it was denied.'
const SOLVED = sampleProposal({
  status: 'closed',
  diagnosis: { ...closed.diagnosis, verdict: 'likely', cause: 'transient' },
  refusal: { code: 'transient', message: BY_ITSELF, owner: null },
})

const inStatus = (name: string, proposal: Proposal, firstButton: Kind['firstButton']): Kind => ({
  name,
  make: () => rendered(proposal),
  firstButton,
})

/** Forms, Home tabs and answers, after all cards were made. */
export type Screen = {
  readonly name: string
  readonly make: (world: World) => Promise<OpenView | HomeView | ShownCard>
}
export const SCREENS: readonly Screen[] = [
  {
    name: 'details',
    async make(world) {
      await world.send('strong', 'assume-role-cross-account', 'glass')
      return world.form('strong', 'details')
    },
  },
  { name: 'reject', make: world => world.form('strong', 'reject') },
  { name: 'confirm an approval from the menu', make: world => world.form('strong', 'approve-limited') },
  { name: 'break the glass', make: world => world.form('strong', 'break-glass') },
  { name: 'not ratify', make: world => world.form('morning', 'not-ratify', 'U0ONCALL2') },
  {
    name: 'ratified',
    async make(world) {
      await world.press('morning', 'ratify', 'U0ONCALL2')
      return world.press('morning', 'ratify', 'U0ONCALL3')
    },
  },
  {
    name: 'give a reason and a ticket',
    async make(world) {
      await world.send('asked', 'cloudformation-create-change-set', 'asks')
      return world.form('asked', 'approve')
    },
  },
  { name: 'home of an approver', make: world => world.home('U0ONCALL1', 'glass') },
  { name: 'home of a visitor', make: world => world.home('U0VISITOR') },
  { name: 'open', make: world => world.answer('open', 'U0ONCALL1', 'glass') },
  { name: 'audit', make: world => world.answer('audit', 'U0ONCALL1', 'glass') },
  { name: 'help', make: world => world.answer('help') },
]

export const KINDS: readonly Kind[] = [
  { name: 'not ours', ...sent('assume-role-root', [320, 260]) },
  {
    name: 'first run',
    // The first message of the channel was posted with the first card.
    make: async world => (await world.bot('approve')).slack.messages().slice(0, 1),
    firstButton: null,
  },
  {
    name: 'first run, where it observes',
    make: async world => {
      await world.observe('ecs-register-task-definition')
      return (await world.bot('quiet')).slack.messages().slice(0, 1)
    },
    firstButton: null,
  },
  { name: 'role not found', ...sent('rds-create-db-instance', [320, 210]) },
  { name: 'cross-account, two approvers', ...sent('assume-role-cross-account', [440, 300]) },
  { name: 'web identity', ...sent('web-identity-github', [550, 370]) },
  { name: 'high risk, of a person', ...sent('assume-role-identity-center', [550, 370]) },
  { name: 'high risk, two approvers', ...sent('cloudformation-create-change-set', [560, 390]) },
  { name: 'a user', ...sent('lambda-create-function', [350, 260]) },
  { name: 'denied by a service control policy', ...sent('ecs-explicit-deny-scp', [560, 320]) },
  { name: 'an error text that was cut', ...sent('ec2-run-instances-cut', [390, 280]) },
  { name: 'a failed stack, with its alert', ...sent('stack-rollback', [450, 350]) },
  { name: 'a failed build, of which only the log shows the denial', ...sent('build-failed', [370, 280], 'build') },
  { name: 'a stack that lacks four roles', ...sent('stack-with-four-gaps', [450, 365], 'stack') },
  noticed('settling', settlingCard(sampleProposal({ status: 'drafted' }), NOON + MINUTE_MS, CONFIGS.approve), null),
  noticed('settled by itself', settledCard(SOLVED), null),
  { name: 'low risk', ...sent('ecs-register-task-definition', [390, 280]) },
  {
    name: 'half approved',
    make: world => world.press('assume-role-cross-account', 'approve'),
    firstButton: [440, 300],
  },
  { name: 'applied', make: world => world.press('ecs-register-task-definition', 'approve'), firstButton: [370, 260] },
  {
    name: 'sibling, after an approval for the same role',
    make: async world => world.card('cloudformation-create-change-set'),
    firstButton: [600, 410],
  },
  {
    name: 'did not help',
    async make(world) {
      const bot = await world.bot('approve')
      // One after the other: what was looked up, then the reminder.
      for (let minutes = 0; minutes < 60; minutes += 20) await bot.wait(20 * MINUTE_MS)
      return world.send('again', 'ecs-register-task-definition')
    },
    firstButton: [520, 390],
  },
  {
    name: 'reverted',
    async make(world) {
      await world.press('lambda-create-function', 'approve')
      return world.press('lambda-create-function', 'revert')
    },
    firstButton: [230, 190],
  },
  {
    name: 'expired',
    async make(world) {
      await (await world.bot('approve')).wait(9 * HOUR_MS)
      return world.card('web-identity-github')
    },
    firstButton: [330, 240],
  },
  { name: 'frozen', ...sent('lambda-create-function', [390, 290], 'frozen') },
  {
    name: 'ends soon',
    async make(world) {
      await world.send('limited', 'lambda-create-function', 'closing')
      await world.press('limited', 'approve-limited')
      await (await world.bot('closing')).wait(7.5 * HOUR_MS)
      return world.message('ends', 'Ends soon: ', 'closing')
    },
    firstButton: [390, 290],
  },
  {
    name: 'not kept',
    async make(world) {
      const form = await world.form('ends', 'reject')
      return world.submit('ends', form, ['the release is out'])
    },
    firstButton: [300, 230],
  },
  {
    name: 'with a pull request',
    make: () => rendered(sampleProposal({ code: CODE })),
    firstButton: [390, 290],
  },
  {
    name: 'storm list',
    async make(world) {
      await world.send('storm', 'storm', 'storm')
      await (await world.bot('storm')).wait(MINUTE_MS)
      return world.message('list', 'Many denials at once', 'storm')
    },
    // Of the first card in its thread.
    firstButton: [480, 330],
  },
  {
    name: 'break glass',
    async make(world) {
      await world.send('broken', 'cloudformation-create-change-set', 'glass')
      const form = await world.form('broken', 'break-glass')
      return world.submit('broken', form, ['orders are down; nobody else answers'])
    },
    firstButton: [400, 300],
  },
  {
    name: 'break glass, announced',
    make: world => world.message('announced', 'break-glass in orders-dev: ada', 'glass'),
    firstButton: [400, 300],
  },
  {
    name: 'break glass, the morning after',
    async make(world) {
      const bot = await world.bot('glass')
      await bot.wait(4 * HOUR_MS + MINUTE_MS)
      await bot.wait(DAY_MS)
      return world.message('morning', 'Was this break-glass right?', 'glass')
    },
    firstButton: [400, 300],
  },
  // The path of the role takes a second line.
  { name: 'recommended', ...sent('ecs-register-task-definition', [320, 240], 'recommend') },
  {
    name: 'observed on one day',
    async make(world) {
      await (await world.bot('quiet')).wait(DAY_MS)
      return world.message('observed', 'rolemedic observed on', 'quiet')
    },
    firstButton: null,
  },
  {
    name: 'the checkpoint of the audit log',
    make: world => world.message('checkpoint', 'Audit log checkpoint of', 'quiet'),
    firstButton: null,
  },
  {
    name: 'rejected, and told to who waits',
    async make(world) {
      await world.send('asker', 'assume-role-identity-center', 'closing')
      const form = await world.form('asker', 'reject')
      return world.submit('asker', form, ['use the role orders-reader'])
    },
    firstButton: [300, 230],
  },
  inStatus('out of date', sampleProposal({ status: 'stale' }), [260, 190]),
  inStatus('failed', sampleProposal({ status: 'failed' }), [260, 190]),
  inStatus('being written', sampleProposal({ status: 'applying' }), [280, 210]),
  inStatus('confirmed', sampleProposal({ status: 'confirmed' }), [300, 240]),
  noticed('unused', grantQuestion({ ...unused, use: NEVER_USED }, QUESTION), [400, 270]),
  noticed('an approved set is proposed', setCard(SAFE), null),
  noticed('an approved set is not recommended', setCard([ADMINISTRATOR, ...SAFE]), null),
]
