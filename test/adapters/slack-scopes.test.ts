import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const manifest = readFileSync(join(root, 'docs/slack-app-manifest.yaml'), 'utf8')

/** Scopes of a bot token by method, from the methods' pages at https://docs.slack.dev/reference/methods */
const NEEDS: { readonly [method: string]: readonly string[] } = {
  'chat.postMessage': ['chat:write'],
  'chat.update': ['chat:write'],
  'chat.postEphemeral': ['chat:write'],
  'chat.getPermalink': [],
  'views.open': [],
  'views.publish': [],
  'auth.test': [],
  'usergroups.users.list': ['usergroups:read'],
  'users.info': ['users:read'],
  'users.lookupByEmail': ['users:read.email', 'users:read'],
  'conversations.history': ['channels:history', 'groups:history'],
  'conversations.replies': ['channels:history', 'groups:history'],
}

function methodsCalled(): readonly string[] {
  const folder = join(root, 'functions/adapters/slack/chat')
  const text = readdirSync(folder)
    .map(file => readFileSync(join(folder, file), 'utf8'))
    .join('\n')
  const named = text.matchAll(/'((?:chat|views|usergroups|users|conversations|auth|files)\.[A-Za-z.]+)'/g)
  return [...new Set([...named].map(([, method]) => method ?? ''))].sort()
}

describe('the manifest of the Slack app', () => {
  it('asks for exactly the scopes that the methods we call need', () => {
    const called = methodsCalled()
    expect(called).toEqual(Object.keys(NEEDS).sort())
    const needed = new Set(['commands', ...called.flatMap(method => NEEDS[method] ?? ['unknown'])])
    const scopes = /^oauth_config:\n((?: .*\n)+)/m.exec(manifest)?.[1] ?? ''
    const asked = [...scopes.matchAll(/^ {6}- ([a-z]+(?::[a-z.]+)?)$/gm)].map(([, scope]) => scope)
    expect([...asked].sort()).toEqual([...needed].sort())
  })

  it('gives a reason right above each scope', () => {
    for (const [before] of manifest.matchAll(/^.*\n {6}- [a-z:.]+$/gm)) expect(before).toMatch(/^ {6}# .{10,}\n/)
  })

  it('hears of an opened Home tab, of changed user groups and of no other event, with the reason right above each', () => {
    const events = /^ {4}bot_events:\n((?: {6}.*\n)+)/m.exec(manifest)?.[1] ?? ''
    expect([...events.matchAll(/^ {6}- (.+)$/gm)].map(([, event]) => event)).toEqual([
      'app_home_opened',
      'subteam_members_changed',
    ])
    for (const [before] of events.matchAll(/^.*\n {6}- .+$/gm)) expect(before).toMatch(/^ {6}# .{10,}\n/)
    expect(manifest).not.toMatch(/^\s*user_events:/m)
  })

  it('shows a Home tab, and takes no direct messages', () => {
    expect(manifest).toMatch(/^ {4}home_tab_enabled: true$/m)
    expect(manifest).toMatch(/^ {4}messages_tab_enabled: false$/m)
  })
})
