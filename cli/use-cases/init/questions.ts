/** What a new deployment needs to know: each is an option of `init`, and a question where somebody can answer. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseJsonText, UsageError } from '../../../core/base/index.ts'
import { childOfType, descendants, isBroken, syntaxText } from '../../../iac/edit/index.ts'
import { REGIONS } from '../../../infra/regions.ts'
import { APPROVERS, CHANNEL, type ChatAnswers, chatAnswers, isGroup, type SetupQuestion } from '../chat/setup.ts'
import { SETTINGS } from '../doctor/doctor.ts'
import { type InitAnswers, initFiles, TERRAFORM_FILE } from './plan-files.ts'

const MODES: readonly InitAnswers['mode'][] = ['observe', 'recommend', 'approve']

/** Given by options; null: not given. */
export type InitGiven = ChatAnswers & {
  readonly region: string | null
  readonly otherRegions: readonly string[]
  readonly organization: string | null
  readonly hubAccount: string | null
  readonly channel: string | null
  readonly approvers: readonly string[]
  readonly mode: string | null
  readonly writerExternalId: string
  readonly terraform: boolean
  readonly codeBucket: string | null
}

const QUESTIONS = {
  region: {
    ...{ option: '--region', text: 'Region that the bot runs in', byDefault: null },
    form: new RegExp(`^(?:${REGIONS.join('|')})$`),
    wrong: 'a Region looks like eu-west-1, and is one that this version knows; for a newer one, edit the files',
  },
  organization: {
    ...{ option: '--organization', text: 'Id of the AWS organization (o-…), empty for one account', byDefault: '' },
    ...{ form: /^(o-[a-z0-9]{10,32})?$/, wrong: 'an organization id looks like o-a1b2c3d4e5' },
  },
  hubAccount: {
    ...{ option: '--hub-account', text: 'Account that the bot runs in', byDefault: null },
    ...{ form: /^\d{12}$/, wrong: 'an account id has 12 digits' },
  },
  channel: CHANNEL,
  approvers: APPROVERS,
  mode: {
    ...{ option: '--mode', text: 'Mode: observe, recommend or approve', byDefault: 'observe' },
    ...{ form: /^(?:observe|recommend|approve)$/, wrong: 'a mode is observe, recommend or approve' },
  },
  codeBucket: {
    ...{ option: '--code-bucket', text: 'Bucket for the code, in that Region', byDefault: null },
    ...{ form: /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/, wrong: 'a bucket name has no dots here' },
  },
} as const satisfies { readonly [name: string]: SetupQuestion }

const MAX_TRIES = 3

/** `ask`: null where nobody can answer; then every needed option has to be given. Throws UsageError for what stays wrong. */
export async function answersTo(
  given: InitGiven,
  ask: ((question: string) => Promise<string>) | null,
  regionOfShell: string | null,
): Promise<InitAnswers> {
  const missing: string[] = []
  const answer = async (question: SetupQuestion, value: string | null, byDefault = question.byDefault) => {
    if (value !== null) return checked(question, value)
    if (ask === null) {
      if (byDefault !== null) return byDefault
      missing.push(`${question.option} (${question.text})`)
      return ''
    }
    const shown = byDefault === null || byDefault === '' ? '' : ` [${byDefault}]`
    let prompt = `${question.text}${shown}: `
    for (let tries = 1; ; tries += 1) {
      const text = (await ask(prompt)).trim() || byDefault || ''
      if (question.form.test(text) || tries === MAX_TRIES) return checked(question, text)
      prompt = `${question.wrong}: `
    }
  }
  const region = await answer(QUESTIONS.region, given.region, regionOfShell)
  for (const one of given.otherRegions) checked({ ...QUESTIONS.region, option: '--other-region' }, one)
  const organization = await answer(QUESTIONS.organization, given.organization)
  const hubAccountId = organization === '' ? '' : await answer(QUESTIONS.hubAccount, given.hubAccount)
  const channel = await answer(QUESTIONS.channel, given.channel)
  const approvers = await answer(QUESTIONS.approvers, given.approvers.length === 0 ? null : given.approvers.join(' '))
  const mode = await answer(QUESTIONS.mode, given.mode)
  const chat = await chatAnswers(given, answer)
  const codeBucket = given.terraform ? await answer(QUESTIONS.codeBucket, given.codeBucket) : null
  if (missing.length > 0) throw new UsageError(`give ${missing.join(', ')}`)
  const ids = approvers.split(/[\s,]+/)
  return {
    ...{ region, otherRegions: given.otherRegions, channel, codeBucket, writerExternalId: given.writerExternalId },
    organization: organization === '' ? null : { id: organization, hubAccountId },
    approvers: ids.filter(id => !isGroup(id)),
    approverGroups: ids.filter(isGroup),
    mode: MODES.find(one => one === mode) ?? 'observe',
    ...chat,
  }
}

function checked({ option, form, wrong }: SetupQuestion, value: string): string {
  if (form.test(value)) return value
  throw new UsageError(`${option}: ${wrong}, got "${value}"`)
}

/**
 * Of a deployment whose files are in the folder: with another id it could not assume the writer role any more. Null: there is none. Throws
 * UsageError where it cannot be read.
 */
export async function externalIdIn(folder: string): Promise<string | null> {
  for (const [name, idIn] of [
    [SETTINGS, idInSettings],
    [TERRAFORM_FILE, idInTerraform],
  ] as const) {
    const text = await readFile(join(folder, name), 'utf8').catch(() => null)
    const id = text === null ? null : await idIn(text)
    if (id !== null && typeof id !== 'string')
      throw new UsageError(`the writer external id of ${name} cannot be read: give --writer-external-id`)
    if (id !== null) return id
  }
  return null
}

const UNREAD = Symbol('unread')
/** Null: none is given. */
type GivenId = string | typeof UNREAD | null

function idInSettings(text: string): GivenId {
  try {
    const { writerExternalId: id = null } = parseJsonText(SETTINGS, text) as { readonly writerExternalId?: unknown }
    return id === null || typeof id === 'string' ? id : UNREAD
  } catch {
    return text.includes('writerExternalId') ? UNREAD : null
  }
}

const TERRAFORM_ID = 'writer_external_id'
const timesIn = (text: string): number => text.split(TERRAFORM_ID).length - 1

async function idInTerraform(text: string): Promise<GivenId> {
  const words = timesIn(text)
  if (words === 0) return null
  const { loadParsers } = await import('../../../functions/adapters/syntax/index.ts')
  const root = (await loadParsers()).parse('hcl', text)
  if (root === null || isBroken(root)) return UNREAD
  const nodes = [...descendants(root)]
  const given = nodes.filter(
    node => node.type === 'attribute' && syntaxText(childOfType(node, 'identifier'), text) === TERRAFORM_ID,
  )
  const [first] = given
  if (first === undefined) {
    const comments = nodes.filter(({ type }) => type === 'comment').map(node => timesIn(syntaxText(node, text)))
    return comments.reduce((sum, times) => sum + times, 0) === words ? null : UNREAD
  }
  const [, id = UNREAD] = /^"([^"$%\\]*)"$/.exec(syntaxText(childOfType(first, 'expression'), text)) ?? []
  return given.length === 1 ? id : UNREAD
}

/** The checked files. Throws UsageError with every error. */
export function plannedFiles(answers: InitAnswers, folder: string) {
  const planned = initFiles(answers, folder)
  if (!planned.ok) throw new UsageError(planned.error.join('; '))
  return planned.value
}
