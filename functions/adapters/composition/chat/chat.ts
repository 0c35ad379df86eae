/** The chat of the functions, as their environment variables describe it. Another chat is connected here. */

import { RolemedicError } from '../../../../core/base/index.ts'
import type { Workspace } from '../../../domain/authority/index.ts'
import type { ChatSite } from '../../../domain/messages/index.ts'
import type { Chat } from '../../../ports/chat.ts'
import type { ChatRenderer, CodeRenderer, SideRenderer } from '../../../ports/renderer.ts'
import type { secretsManager } from '../../aws/messaging/secrets.ts'
import type { SlackChatOptions } from '../../slack/chat/chat.ts'
import { SLACK_RENDERER, slackSideRenderer } from '../../slack/renderer.ts'
import { SLACK_SITE } from '../../slack/site.ts'
import { environment } from '../environment.ts'
import { lazyPort } from '../lazy-import.ts'

export { SLACK_LIMITS as CHAT_LIMITS } from '../../slack/chat/limits.ts'

export const CHAT_RENDERER: ChatRenderer = SLACK_RENDERER
export const SIDE_RENDERER: SideRenderer & CodeRenderer = slackSideRenderer
export const CHAT_SITE: ChatSite = SLACK_SITE

/** Of the secret that every function reads which talks to people. */
export const CHAT_TOKEN = 'SLACK_BOT_TOKEN_SECRET'

export type ChatTimeouts = Pick<SlackChatOptions, 'timeoutMs' | 'budgetMs' | 'tries' | 'firstWaitMs'>

/** Loads with the first call. */
export function cloudChat(
  env: NodeJS.ProcessEnv,
  secrets: Pick<ReturnType<typeof secretsManager>, 'current'>,
  timeouts: ChatTimeouts = {},
): Chat {
  const name = environment(env, [CHAT_TOKEN])[CHAT_TOKEN]
  const workspace = workspaceIn(env)
  return lazyPort<Chat>(
    async () => {
      const { slackChat } = await import('../../slack/chat/chat.ts')
      return slackChat({ token: () => secrets.current(name), workspace, apiUrl: env['SLACK_API_URL'], ...timeouts })
    },
    {
      post: true,
      update: true,
      reply: true,
      postEphemeral: true,
      openModal: true,
      publishHome: true,
      permalink: true,
      checkAccess: true,
      groupMembers: true,
      userByEmail: true,
      emailOf: true,
      membership: true,
    },
  )
}

/** Of the deployment. Without either, the cold start fails, because nobody could decide anything. */
export function workspaceIn(env: NodeJS.ProcessEnv): Workspace {
  const workspace = { teamId: env['SLACK_TEAM_ID'] || null, enterpriseId: env['SLACK_ENTERPRISE_ID'] || null }
  if (workspace.teamId === null && workspace.enterpriseId === null)
    throw new RolemedicError('environment', 'missing environment variables: SLACK_TEAM_ID or SLACK_ENTERPRISE_ID')
  return workspace
}
