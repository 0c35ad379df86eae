/** What a new deployment is asked about the chat, and what follows in its files. Another chat is set up here. */
import { partitionOfRegion } from '../../../core/iam/index.ts'
import { CHAT_ID_FORMS } from '../../../functions/domain/config/index.ts'
import { APP_ID, type ChatSettings, GOV_SLACK_API, SAMPLE_CHAT, TEAM_ID } from '../../../infra/chat.ts'

export type SetupQuestion = {
  /** The option that answers it. */
  readonly option: string
  readonly text: string
  /** Taken for an empty answer; null: it needs one. */
  readonly byDefault: string | null
  readonly form: RegExp
  readonly wrong: string
}

/** Null: the app is not made yet, and the id of the sample stays. */
export type ChatAnswers = { readonly slackApp: string | null; readonly slackTeam: string | null }

export const CHANNEL: SetupQuestion = {
  ...{ option: '--channel', text: 'Slack channel for cards: the id at the end of its details', byDefault: null },
  ...{ form: new RegExp(`^${CHAT_ID_FORMS.channel}$`), wrong: 'a Slack channel id starts with C' },
}
const APPROVER = `(?:${CHAT_ID_FORMS.user}|${CHAT_ID_FORMS.group})`
export const APPROVERS: SetupQuestion = {
  ...{
    option: '--approver',
    text: 'Who may approve: ids of people (U…) or user groups (S…), with blanks',
    byDefault: null,
  },
  ...{
    form: new RegExp(`^${APPROVER}(?:[\\s,]+${APPROVER})*$`),
    wrong: 'an id of a person starts with U, of a user group with S',
  },
}
export const isGroup = (id: string): boolean => id.startsWith('S')

const APP: SetupQuestion = {
  ...{ option: '--slack-app', text: 'Id of the Slack app (A…), empty if it is not made yet', byDefault: '' },
  ...{ form: new RegExp(`^(?:${APP_ID})?$`), wrong: 'a Slack app id starts with A' },
}
const TEAM: SetupQuestion = {
  ...{
    option: '--slack-team',
    text: 'Id of the Slack workspace (T…), empty if you do not have it yet',
    byDefault: '',
  },
  ...{ form: new RegExp(`^(?:${TEAM_ID})?$`), wrong: 'a Slack workspace id starts with T' },
}

/** `given`: by options; null: not given. */
export async function chatAnswers(
  given: ChatAnswers,
  answer: (question: SetupQuestion, value: string | null) => Promise<string>,
): Promise<ChatAnswers> {
  const slackApp = await answer(APP, given.slackApp)
  const slackTeam = await answer(TEAM, given.slackTeam)
  return { slackApp: slackApp || null, slackTeam: slackTeam || null }
}

type Answered = ChatAnswers & { readonly region: string }

/** In GovCloud it is GovSlack. */
const slackOf = ({ slackApp, slackTeam, region }: Answered) => ({
  teamId: slackTeam ?? SAMPLE_CHAT.slack.teamId,
  appId: slackApp ?? SAMPLE_CHAT.slack.appId,
  ...(partitionOfRegion(region) === 'aws-us-gov' ? { apiUrl: GOV_SLACK_API } : {}),
})

export const chatSettingsOf = (answers: Answered): ChatSettings => ({ slack: slackOf(answers) })

/** An argument of the Terraform module. */
export function chatArgument(answers: Answered, quoted: (text: string) => string): string {
  const { appId, teamId = '', apiUrl } = slackOf(answers)
  const api = apiUrl === undefined ? '' : `, api_url = ${quoted(apiUrl)}`
  return `  slack              = { app_id = ${quoted(appId)}, team_id = ${quoted(teamId)}${api} }`
}
/** What the module says of the chat. */
export const CHAT_OUTPUT = 'slack_url'

/** What is left to do before the deployment. */
export const chatSteps = (answers: Answered): readonly (readonly [string, string])[] =>
  answers.slackApp === null || answers.slackTeam === null
    ? [[appsPage(slackOf(answers).apiUrl), 'create the app from the manifest, and write its ids into the file']]
    : []

/** Where apps are made and changed. https://docs.slack.dev/govslack */
export const appsPage = (apiUrl: string | undefined): string =>
  `https://api.${apiUrl === GOV_SLACK_API ? 'slack-gov' : 'slack'}.com/apps`
