/** The scopes of docs/slack-app-manifest.yaml. `groups:history` is needed only for private channels. */
export const SCOPES = [
  'chat:write',
  'commands',
  'usergroups:read',
  'users:read.email',
  'users:read',
  'channels:history',
] as const
