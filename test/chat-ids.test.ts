/** The forms of the chat's ids are the same wherever one is read: in the configuration, in Slack's answers, on a page, in `init` and in each way to deploy. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { slackLink } from '../cli/formats/audit/report/slack-link.ts'
import {
  APPROVERS,
  CHANNEL,
  type ChatAnswers,
  chatAnswers,
  isGroup,
  type SetupQuestion,
} from '../cli/use-cases/chat/setup.ts'
import { isSlackChannel, isSlackGroup, isSlackUser } from '../functions/adapters/slack/ids.ts'
import { chatChannelId, chatGroupId, chatUserId } from '../functions/domain/config/chat-ids.ts'
import { TYPED_USER } from '../functions/domain/config/index.ts'
import { CHAT_PARAMETERS, chatSettings } from '../infra/chat.ts'

const NO_ANSWERS: ChatAnswers = { slackApp: '', slackTeam: '' }
const asked: SetupQuestion[] = []
await chatAnswers(NO_ANSWERS, async question => {
  asked.push(question)
  return ''
})
const asks = (option: string) => (id: string) => asked.some(one => one.option === option && one.form.test(id))
const terraform = readFileSync(new URL('../infra/terraform/chat.tf', import.meta.url), 'utf8')
const appOfTerraform = new RegExp(/regex\("([^"]+)", var\.slack\.app_id\)/.exec(terraform)?.[1] ?? 'none')
const isSetting = (ids: object) => chatSettings.slack.safeParse({ appId: 'A00', teamId: 'T00', ...ids }).success
const isParameter = (name: 'SlackAppId' | 'SlackTeamId' | 'SlackEnterpriseId') => (id: string) =>
  new RegExp(CHAT_PARAMETERS[name].allowedPattern).test(id)

type Form = (id: string) => boolean
const READERS: { readonly [kind: string]: readonly [first: string, readonly Form[]] } = {
  user: [
    'UW',
    [
      id => chatUserId.safeParse(id).success,
      isSlackUser,
      id => new RegExp(`^(?:${TYPED_USER.pattern})$`, 'v').test(id),
      id => APPROVERS.form.test(id) && !isGroup(id),
    ],
  ],
  group: ['S', [id => chatGroupId.safeParse(id).success, isSlackGroup, id => APPROVERS.form.test(id) && isGroup(id)]],
  channel: [
    'CGD',
    [
      id => chatChannelId.safeParse(id).success,
      isSlackChannel,
      id => CHANNEL.form.test(id),
      id => slackLink({ channel: id, ts: '1.2' }, 'https://acme.slack.com', null) !== null,
    ],
  ],
  app: [
    'A',
    [appId => isSetting({ appId }), asks('--slack-app'), isParameter('SlackAppId'), id => appOfTerraform.test(id)],
  ],
  team: ['T', [teamId => isSetting({ teamId }), asks('--slack-team'), isParameter('SlackTeamId')]],
  enterprise: ['E', [enterpriseId => isSetting({ enterpriseId }), isParameter('SlackEnterpriseId')]],
}

const TAILS = [
  '',
  '0',
  '00',
  '0ONCALL1',
  '0oncall1',
  '0-1',
  '0 1',
  '0\n',
  'É0',
  '0'.repeat(61),
  '0'.repeat(62),
  '0'.repeat(63),
  '0'.repeat(64),
]

describe.each(Object.entries(READERS))('the id of a %s', (_, [firsts, readers]) => {
  it.each([...'UWSCGDATEXu'].flatMap(first => TAILS.map(tail => `${first}${tail}`)))('is read alike: %j', id => {
    const [wanted, ...others] = readers.map(is => is(id))
    expect(others).toEqual(others.map(() => wanted))
    if (wanted === true) expect(firsts).toContain(id[0])
  })
})
