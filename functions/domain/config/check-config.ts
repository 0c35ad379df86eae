/** Parses the configuration file. Every error has its path, and an unknown key comes with the nearest known one. */

import type * as z from 'zod'
import { editDistance, fail, neutralText, ok, type Result } from '../../../core/base/index.ts'
import { readable, repeatedKeys } from '../../../iac/source/index.ts'
import { codeHostOf } from './code-host.ts'
import { type BotConfig, botConfigSchema, type Config, configSchema } from './config.ts'
import { isSampleConfig, SAMPLE_WARNING, sampleIdErrors } from './sample-ids.ts'
import { upgradeNotes } from './upgrade-notes.ts'

const MAX_TEXT = 200

type Parsed<C> = Result<C, readonly string[]>

/** For commands that post nothing, so the channel may be missing. */
export const parseConfig = (text: string): Parsed<Config> => parsedWith(configSchema, text)

/** For a bot on this machine, which may use the sample's Slack ids. */
export const parseBotConfig = (text: string): Parsed<BotConfig> => parsedWith(botConfigSchema, text)

type DeployedConfig = {
  readonly config: BotConfig
  readonly isSample: boolean
  /** Settings that the file leaves to a default which earlier versions did not have. */
  readonly notes: readonly string[]
}

/** For a deployment. Ids of the sample are errors, unless the whole file is the sample, which the caller handles. */
export function parseDeployedConfig(text: string): Parsed<DeployedConfig> {
  const json = strictJson(text)
  const parsed = parseBotConfig(text)
  if (!json.ok || typeof json.value !== 'object' || json.value === null)
    return parsed.ok ? fail(['not an object']) : parsed
  const isSample = isSampleConfig(json.value)
  const errors = [...(parsed.ok ? [] : parsed.error), ...(isSample ? [] : sampleIdErrors(json.value))]
  if (!parsed.ok || errors.length > 0) return fail(errors)
  const notes = isSample ? [] : upgradeNotes(parsed.value, json.value)
  return ok({ config: parsed.value, isSample, notes })
}

function parsedWith<C extends Config>(schema: z.ZodType<C>, text: string): Parsed<C> {
  const json = strictJson(text)
  if (!json.ok) return json
  const parsed = schema.safeParse(json.value)
  if (!parsed.success) return fail(parsed.error.issues.flatMap(issue => issueTexts(issue, json.value)))
  const conflicts = conflictsOf(parsed.data)
  return conflicts.length === 0 ? ok(parsed.data) : fail(conflicts)
}

/** The value of a JSON file that a person writes. A key that is there twice is an error. */
export function strictJson(text: string): Parsed<unknown> {
  let value: unknown
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (fault) {
    return fail([`not JSON: ${neutralText(fault instanceof Error ? fault.message : String(fault), MAX_TEXT)}`])
  }
  const repeated = repeatedKeyErrors(text)
  return repeated.length > 0 ? fail(repeated) : ok(value)
}

/** JSON.parse silently uses the last of two equal keys, which may not be the one that a person reads. */
function repeatedKeyErrors(text: string): readonly string[] {
  const repeated = readable(() => repeatedKeys('', text))
  if (repeated === null) return ['it is nested too deeply, and cannot be searched for repeated keys']
  return repeated.map(({ line, start }) => {
    const key = /^"(?:[^"\\\n]|\\.){0,200}"/.exec(text.slice(start, start + 500))?.[0] ?? 'a key'
    return `line ${line}: ${neutralText(key, MAX_TEXT)} is there twice: keep one`
  })
}

function issueTexts(issue: z.core.$ZodIssue, json: unknown): readonly string[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map(key => {
      const near = nearestKey(key, keysAt(issue.path))
      return `${pathText([...issue.path, key])}: unknown key${near === null ? '' : `; did you mean "${near}"?`}`
    })
  }
  // For a key of a record, such as an account id, the inner issue has the message.
  const message = issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? issue.message) : issue.message
  const given = valueAt(json, issue.path)
  const shown = typeof given === 'string' || typeof given === 'number' ? `, got ${JSON.stringify(given)}` : ''
  return [`${pathText(issue.path)}: ${neutralText(`${message}${shown}`, MAX_TEXT)}`]
}

/** Settings that are each valid but contradict each other. */
function conflictsOf(config: Config): readonly string[] {
  const names = config.approvedRoleSets.map(set => set.name)
  const duplicates = names.filter((name, index) => names.indexOf(name) !== index)
  const unknownHosts = config.repositories.flatMap(({ host }, index) =>
    codeHostOf(config, host) === null
      ? [`repositories[${index}].host: add ${host} to codeHosts, with its kind: github or gitlab`]
      : [],
  )
  return [
    ...duplicates.map(name => `approvedRoleSets: two sets are named "${neutralText(name, MAX_TEXT)}"`),
    ...unknownHosts,
  ]
}

/** Valid settings that are probably mistakes. */
export function configWarnings(config: Config, { isSample = false } = {}): readonly string[] {
  const approverLists = [
    config.approvers,
    ...Object.values(config.accounts).flatMap(({ approvers }) => approvers ?? []),
  ]
  const nobody = approverLists.every(({ users, groups }) => users.length === 0 && groups.length === 0)
  const alone = config.approvers.users.length === 1 && config.approvers.groups.length === 0
  const all = config.repositories.findIndex(({ account, principal, stack, tags }) =>
    [account, principal, stack, tags].every(one => one === undefined),
  )
  const unreached = config.repositories.length - 1 - all
  return [
    ...(all !== -1 && unreached > 0
      ? [`repositories[${all}]: it fits everything, so that no entry after it is ever taken`]
      : []),
    ...(config.mode === undefined
      ? ['mode: none is set, so rolemedic observes: it posts no cards where no account or unit sets another']
      : []),
    ...(isSample ? [SAMPLE_WARNING] : []),
    ...(nobody ? ['approvers: nobody may approve; name users or groups'] : []),
    ...(config.limitedGrantHours === null && Object.values(config.grants.permanent).includes('never')
      ? ['grants.permanent: "never" and limitedGrantHours null together leave nothing to approve']
      : []),
    ...onCallApprovers(config),
    ...(alone ? ['approvers: with only one approver, nothing that needs two approvals can be approved'] : []),
  ]
}

/** A person who edits the schedule would then edit who may approve. */
function onCallApprovers(config: Config): readonly string[] {
  const approving = [config.approvers, ...Object.values(config.accounts).map(({ approvers }) => approvers)]
  const groups = [...approving.flatMap(one => one?.groups ?? []), config.breakGlass?.group]
  const settings = [
    ['onCallGroup', config.onCallGroup],
    ...Object.entries(config.accounts).map(([id, { onCallGroup = null }]) => [
      `accounts.${id}.onCallGroup`,
      onCallGroup,
    ]),
  ] as const
  return settings.flatMap(([setting, group = null]) =>
    group === null || !groups.includes(group)
      ? []
      : [`${setting}: ${group} also approves, so that who edits the schedule edits who may approve; use another group`],
  )
}

/** `approvedRoleSets[0].services[1]`. The root is `(the file)`. */
function pathText(path: readonly PropertyKey[]): string {
  const text = path.map(part => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('')
  return text === '' ? '(the file)' : neutralText(text.replace(/^\./, ''), MAX_TEXT)
}

function valueAt(json: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, part) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, part)
        ? (value as Readonly<Record<PropertyKey, unknown>>)[part]
        : undefined,
    json,
  )
}

/** The keys that the schema has at a path. Empty: the path does not exist. */
function keysAt(path: readonly PropertyKey[]): readonly string[] {
  let def = unwrapped(configSchema)
  for (const part of path) {
    const next =
      typeof part === 'number'
        ? field(def, 'element')
        : (field(field(def, 'shape'), String(part)) ?? field(def, 'valueType'))
    def = unwrapped(next)
  }
  const shape = field(def, 'shape')
  return typeof shape === 'object' && shape !== null ? Object.keys(shape) : []
}

/** The schema without its wrappers for default, optional and nullable. */
function unwrapped(schema: unknown): unknown {
  let def = field(schema, 'def')
  for (let inner = field(def, 'innerType'); inner !== undefined; inner = field(def, 'innerType'))
    def = field(inner, 'def')
  return def
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as { readonly [key: string]: unknown })[name] : undefined
}

/** The known key with the smallest edit distance. Null: none is close enough for a typo. */
export function nearestKey(key: string, known: readonly string[]): string | null {
  const near = known.flatMap(name => {
    const limit = Math.max(2, Math.floor(name.length / 3))
    const distance = editDistance(key.toLowerCase(), name.toLowerCase(), limit)
    return distance <= limit ? [{ name, distance }] : []
  })
  return near.sort((a, b) => a.distance - b.distance)[0]?.name ?? null
}
