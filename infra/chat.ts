/** The chat of a deployment: its settings, secrets, environment variables and address, and what a released template asks for. Another chat is described here. */

import type { CfnParameterProps } from 'aws-cdk-lib'
import * as z from 'zod'
import { PREFIX } from './names.ts'

/** The Web API of GovSlack: https://docs.slack.dev/govslack */
export const GOV_SLACK_API = 'https://slack-gov.com/api/'

/** As parts of a regular expression. */
export const APP_ID = 'A[A-Z0-9]{2,}'
export const TEAM_ID = 'T[A-Z0-9]{2,}'
const ENTERPRISE_ID = 'E[A-Z0-9]{2,}'
const whole = (form: string) => new RegExp(`^${form}$`)

/** Without these, signed requests of any workspace with the app would be accepted. */
const slack = z
  .strictObject(
    {
      appId: z
        .string('needed: the id of the Slack app, under Basic Information')
        .regex(whole(APP_ID), 'a Slack app id starts with A'),
      teamId: z
        .string()
        .regex(whole(TEAM_ID), 'a Slack workspace id starts with T, also within an Enterprise Grid')
        .optional(),
      enterpriseId: z
        .string()
        .regex(whole(ENTERPRISE_ID), 'the id of a Slack organization (Enterprise Grid) starts with E')
        .optional(),
      apiUrl: z
        .url({ protocol: /^https$/, error: 'the address of Slack’s Web API starts with https://' })
        .regex(/^https:\/\/[a-z0-9.:-]+\/([\w-]+\/)*$/, 'an address ends with /, and has no user, query or fragment')
        .optional()
        .describe(`Of GovSlack: ${GOV_SLACK_API}. Without it: slack.com.`),
    },
    'needed: appId, and teamId or enterpriseId',
  )
  .refine(
    ({ teamId, enterpriseId }) => teamId !== undefined || enterpriseId !== undefined,
    'needed: teamId, or enterpriseId where the app is installed for a whole organization',
  )

/** In the settings of a deployment. */
export const chatSettings = {
  slack: slack.describe('The app, and the workspace or the organization (Enterprise Grid) whose people may use it.'),
}
export type ChatSettings = { readonly slack: z.infer<typeof slack> }

/** Until the app is made. */
export const SAMPLE_CHAT: ChatSettings = { slack: { teamId: 'T00000000', appId: 'A00000000' } }

/** Undefined: every id is the deployment's own. */
export const sampleIdIn = ({ slack }: ChatSettings): string | undefined =>
  [slack.appId, slack.teamId, slack.enterpriseId].find(id => id !== undefined && /^.0+$/.test(id))

/** The names in Secrets Manager. */
export const BOT_TOKEN_SECRET = `${PREFIX}/slack-bot-token`
export const SIGNING_SECRET = `${PREFIX}/slack-signing-secret`

/** What every function that talks to people reads, and what the one that hears them reads besides. */
export const CHAT_SECRETS = {
  talks: { id: 'BotToken', name: BOT_TOKEN_SECRET, description: 'Bot token of the Slack app (xoxb-…)' },
  hears: { id: 'SigningSecret', name: SIGNING_SECRET, description: 'Signing secret of the Slack app' },
} as const
export const SECRETS_ROTATION = 'Only Slack can issue a new value; the runbook says how to rotate it.'
type ChatSecrets = { readonly [use in keyof typeof CHAT_SECRETS]: { readonly secretArn: string } }

type Environment = { readonly [name: string]: string }

/** Of a function that talks to people. */
export const talkingEnvironment = ({ talks }: ChatSecrets, { slack }: ChatSettings): Environment => ({
  SLACK_BOT_TOKEN_SECRET: talks.secretArn,
  ...(slack.apiUrl === undefined ? {} : { SLACK_API_URL: slack.apiUrl }),
  SLACK_TEAM_ID: slack.teamId ?? '',
  SLACK_ENTERPRISE_ID: slack.enterpriseId ?? '',
})

/** Of the function that also hears them. */
export const hearingEnvironment = ({ hears }: ChatSecrets, { slack }: ChatSettings): Environment => ({
  SLACK_SIGNING_SECRET: hears.secretArn,
  SLACK_APP_ID: slack.appId,
})

/** Where the chat sends what people press, and the output that says it. */
export const CHAT_PATH = '/slack'
export const CHAT_URL_OUTPUT = 'SlackUrl'

/** Of a released template. */
export const CHAT_PARAMETERS = {
  SlackAppId: { type: 'String', allowedPattern: `^${APP_ID}$`, description: 'The id of the Slack app.' },
  SlackTeamId: {
    type: 'String',
    default: '',
    allowedPattern: `^(${TEAM_ID})?$`,
    description: 'The workspace whose people may decide; empty: the whole organization of SlackEnterpriseId.',
  },
  SlackEnterpriseId: {
    type: 'String',
    default: '',
    allowedPattern: `^(${ENTERPRISE_ID})?$`,
    description: 'The Slack organization (Enterprise Grid), if there is one.',
  },
  SlackApiUrl: {
    type: 'String',
    default: 'https://slack.com/api/',
    allowedPattern: '^https://[a-z0-9.:-]+/([A-Za-z0-9_-]+/)*$',
    description: `Of GovSlack: ${GOV_SLACK_API}`,
  },
} as const satisfies { readonly [name: string]: CfnParameterProps }
type ChatParameter = keyof typeof CHAT_PARAMETERS
export const CHAT_PARAMETER_NAMES = Object.keys(CHAT_PARAMETERS) as readonly ChatParameter[]

/** What the parameters say; those that are empty are left out. */
export function chatSettingsIn(parameter: (name: ChatParameter) => string) {
  const given = {
    appId: parameter('SlackAppId'),
    teamId: parameter('SlackTeamId'),
    enterpriseId: parameter('SlackEnterpriseId'),
    apiUrl: parameter('SlackApiUrl'),
  }
  return { slack: Object.fromEntries(Object.entries(given).filter(([, value]) => value !== '')) as typeof given }
}

/** Like the settings of the CDK: without a workspace or an organization, every button press would be refused. */
export const NEEDS_ONE = {
  rule: 'SlackIsNamed',
  of: ['SlackTeamId', 'SlackEnterpriseId'],
  why: 'SlackTeamId or SlackEnterpriseId is needed: whose people may decide.',
} as const satisfies { readonly of: readonly ChatParameter[]; readonly [member: string]: unknown }
