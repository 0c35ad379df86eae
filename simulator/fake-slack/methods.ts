import type { ChannelStore, MessageMetadata, StoredMessage } from './channel-store.ts'

/** The methods of Slack's Web API that the bot uses. https://docs.slack.dev/reference/methods */

export type Arguments = { readonly [name: string]: unknown }
export type SlackAnswer = { readonly ok: boolean; readonly error?: string; readonly [field: string]: unknown }
export type Directory = {
  /** Members by user group id. */
  readonly groups: { readonly [groupId: string]: readonly string[] }
  /** Slack user ids by e-mail address. */
  readonly users: { readonly [email: string]: string }
  /** Further members of `users.info` by user id. A user who is not listed is a full member. Null: there is no such user. */
  readonly accounts?: { readonly [userId: string]: object | null }
}
export type OpenView = { readonly id: string; readonly triggerId: string; readonly view: object }
/** The app's Home tab of one user. The hash changes with each view that is published. */
export type HomeView = { readonly id: string; readonly hash: string; readonly view: object }

export type FakeWorkspace = {
  readonly store: ChannelStore
  readonly withoutMetadata: boolean
  /** The app of the call's token. */
  readonly botId: string
  directory(): Directory
  openView(triggerId: string, view: object): OpenView | null
  home(userId: string): HomeView | null
  publishHome(userId: string, view: object): HomeView
  /** Why Slack would reject these blocks. Null: it would accept them. */
  blockFault(blocks: readonly object[]): string | null
  viewFault(view: object): string | null
  homeFault(view: object): string | null
}

type Method = (args: Arguments, workspace: FakeWorkspace) => SlackAnswer

/** The start of every permalink. The page opens them itself. Nobody can own a name below `.example` (RFC 2606). */
const WORKSPACE_URL = 'https://workspace.example'

const OURS = 'B0ROLEMEDIC'
/** The bot uses bot tokens; any other token belongs to another app. */
export const botOf = (token: string | null): string => (token?.startsWith('xoxb-') ? OURS : 'B0OTHERAPP')

const PAGE = 100
const refused = (error: string, detail?: string): SlackAnswer => ({
  ok: false,
  error,
  ...(detail === undefined ? {} : { response_metadata: { messages: [detail] } }),
})

const isUser = (id: string): boolean => /^[UW][A-Z0-9]{2,}$/.test(id)
const isChannel = (id: string): boolean => /^[CGD][A-Z0-9]{2,}$/.test(id)

const text = (value: unknown): string => (typeof value === 'string' ? value : '')
const objects = (value: unknown): readonly object[] =>
  Array.isArray(value) ? value.filter(item => typeof item === 'object' && item !== null) : []
const objectOf = (value: unknown): object | null => (typeof value === 'object' && value !== null ? value : null)

export const METHODS: { readonly [name: string]: Method } = {
  'auth.test': (_args, { botId }) => ({
    ok: true,
    team: 'Fake workspace',
    team_id: 'T0FAKE',
    user_id: 'U0ROLEMEDIC',
    bot_id: botId,
  }),

  'bots.info': ({ bot }) => ({ ok: true, bot: { id: bot, app_id: bot === OURS ? 'A0FAKE' : 'A0OTHERAPP' } }),

  'chat.postMessage': (args, workspace) => {
    const problem = messageFault(args, workspace)
    if (problem !== null) return problem
    const root = text(args['thread_ts'])
    const broadcast = root !== '' && String(args['reply_broadcast']) === 'true' ? { broadcast: true } : {}
    const from = workspace.botId === OURS ? {} : { botId: workspace.botId }
    const position = { threadTs: root === '' ? null : root, ephemeralFor: null, ...broadcast, ...from }
    const message = workspace.store.add({ ...contentOf(args), ...position })
    return { ok: true, channel: message.channel, ts: message.ts, message: shown(message, true) }
  },

  'chat.update': (args, workspace) => {
    const problem = messageFault(args, workspace)
    if (problem !== null) return problem
    const { text: words, blocks } = contentOf(args)
    const message = workspace.store.update(text(args['channel']), text(args['ts']), { text: words, blocks })
    if (message === null) return refused('message_not_found')
    return { ok: true, channel: message.channel, ts: message.ts, text: message.text, message: shown(message, true) }
  },

  'chat.postEphemeral': (args, workspace) => {
    const problem = messageFault(args, workspace)
    if (problem !== null) return problem
    const user = text(args['user'])
    if (user === '') return refused('invalid_arguments', 'user is missing')
    const root = text(args['thread_ts'])
    const message = workspace.store.add({ ...contentOf(args), threadTs: root === '' ? null : root, ephemeralFor: user })
    return { ok: true, message_ts: message.ts }
  },

  // https://docs.slack.dev/reference/methods/chat.getPermalink
  'chat.getPermalink': (args, workspace) => {
    const channel = text(args['channel'])
    if (!isChannel(channel)) return refused('channel_not_found')
    const message = workspace.store.find(channel, text(args['message_ts']))
    if (message === null || message.ephemeralFor !== null) return refused('message_not_found')
    return { ok: true, channel, permalink: WORKSPACE_URL + permalinkPath(message) }
  },

  'conversations.history': (args, workspace) =>
    page(args, workspace, message => message.threadTs === null, 'newest-first'),

  'conversations.replies': (args, workspace) => {
    const root = text(args['ts'])
    if (workspace.store.find(text(args['channel']), root) === null) return refused('thread_not_found')
    return page(args, workspace, message => message.ts === root || message.threadTs === root, 'oldest-first')
  },

  'views.open': (args, workspace) => {
    const view = objectOf(args['view'])
    const triggerId = text(args['trigger_id'])
    if (triggerId === '') return refused('invalid_trigger_id')
    if (view === null) return refused('invalid_arguments', 'view is missing')
    const fault = workspace.viewFault(view)
    if (fault !== null) return refused('invalid_arguments', fault)
    const opened = workspace.openView(triggerId, view)
    if (opened === null) return refused('exchanged_trigger_id')
    return { ok: true, view: { ...opened.view, id: opened.id, team_id: 'T0FAKE' } }
  },

  'views.publish': (args, workspace) => {
    const userId = text(args['user_id'])
    const view = objectOf(args['view'])
    if (!isUser(userId)) return refused('invalid_arguments', 'invalid `user_id`')
    if (view === null) return refused('invalid_arguments', 'view is missing')
    const fault = workspace.homeFault(view)
    if (fault !== null) return refused('invalid_arguments', fault)
    const hash = text(args['hash'])
    if (hash !== '' && hash !== workspace.home(userId)?.hash) return refused('hash_conflict')
    const published = workspace.publishHome(userId, view)
    return { ok: true, view: { ...published.view, id: published.id, hash: published.hash, team_id: 'T0FAKE' } }
  },

  'usergroups.users.list': (args, workspace) => {
    const members = workspace.directory().groups[text(args['usergroup'])]
    return members === undefined ? refused('no_such_subteam') : { ok: true, users: members }
  },

  'users.info': (args, workspace) => {
    const id = text(args['user'])
    const account = workspace.directory().accounts?.[id]
    if (account === null || !isUser(id)) return refused('user_not_found')
    return { ok: true, user: { id, ...FULL_MEMBER, ...account } }
  },

  'users.lookupByEmail': (args, workspace) => {
    const id = workspace.directory().users[text(args['email']).toLowerCase()]
    return id === undefined
      ? refused('users_not_found')
      : { ok: true, user: { id, name: text(args['email']).split('@')[0] } }
  },
}

/** https://docs.slack.dev/reference/objects/user-object */
const FULL_MEMBER = {
  team_id: 'T0FAKE',
  deleted: false,
  is_bot: false,
  is_app_user: false,
  is_restricted: false,
  is_ultra_restricted: false,
}

/** The permalink of a reply also names its thread. */
function permalinkPath({ channel, ts, threadTs }: StoredMessage): string {
  const path = `/archives/${channel}/p${ts.replace('.', '')}`
  return threadTs === null ? path : `${path}?thread_ts=${threadTs}&cid=${channel}`
}

function contentOf(args: Arguments): Pick<StoredMessage, 'channel' | 'text' | 'blocks' | 'metadata'> {
  return {
    channel: text(args['channel']),
    text: text(args['text']),
    blocks: objects(args['blocks']),
    metadata: metadataOf(args['metadata']),
  }
}

function metadataOf(value: unknown): MessageMetadata | null {
  const metadata = objectOf(value)
  if (metadata === null || !('event_type' in metadata) || !('event_payload' in metadata)) return null
  const payload = objectOf(metadata.event_payload)
  return payload === null ? null : { event_type: text(metadata.event_type), event_payload: payload }
}

function messageFault(args: Arguments, workspace: FakeWorkspace): SlackAnswer | null {
  if (!isChannel(text(args['channel']))) return refused('channel_not_found')
  if (args['blocks'] !== undefined && !Array.isArray(args['blocks'])) return refused('invalid_blocks_format')
  const blocks = objects(args['blocks'])
  if (text(args['text']) === '' && blocks.length === 0) return refused('no_text')
  const fault = workspace.blockFault(blocks)
  return fault === null ? null : refused('invalid_blocks', fault)
}

/** A message in the format of the history methods. */
function shown(message: StoredMessage, withMetadata: boolean): object {
  return {
    type: 'message',
    bot_id: message.botId ?? OURS,
    ts: message.ts,
    text: message.text,
    blocks: message.blocks,
    ...(message.threadTs === null ? {} : { thread_ts: message.threadTs }),
    ...(message.updatedCount === 0 ? {} : { edited: { user: 'U0ROLEMEDIC', ts: message.ts } }),
    ...(withMetadata && message.metadata !== null ? { metadata: message.metadata } : {}),
  }
}

function page(
  args: Arguments,
  workspace: FakeWorkspace,
  wanted: (message: StoredMessage) => boolean,
  order: 'newest-first' | 'oldest-first',
): SlackAnswer {
  const channel = text(args['channel'])
  const oldest = Number(args['oldest'] ?? 0)
  const latest = Number(args['latest'] ?? Number.POSITIVE_INFINITY)
  const found = workspace.store
    .all()
    .filter(message => message.channel === channel && message.ephemeralFor === null && wanted(message))
    .filter(message => Number(message.ts) > oldest && Number(message.ts) < latest)
  const ordered = order === 'newest-first' ? found.toReversed() : found
  const from = Number(text(args['cursor']) || 0)
  const limit = Math.min(Number(args['limit'] ?? PAGE), 999)
  const rest = ordered.length > from + limit
  return {
    ok: true,
    messages: ordered
      .slice(from, from + limit)
      .map(message => shown(message, isTrue(args['include_all_metadata']) && !workspace.withoutMetadata)),
    has_more: rest,
    response_metadata: { next_cursor: rest ? String(from + limit) : '' },
  }
}

const isTrue = (value: unknown): boolean => value === true || value === 'true' || value === '1'
