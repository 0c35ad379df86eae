import type { ChatSite } from '../../domain/messages/index.ts'

export const SLACK_SITE: ChatSite = {
  name: 'Slack',
  // The last is the local bot, whose name nobody can own (RFC 2606).
  hosts: ['*.slack.com', '*.slack-gov.com', 'workspace.example'],
}
