/** What the texts of one caller show of its run. */
import { clientOf } from './clients.ts'
import type { CallerTexts, ShownRun } from './run.ts'
import { RUN_TOOLS, type RunTool } from './run-tools.ts'

/** Hosts of the addresses that descriptors make. */
export const RUN_HOSTS: readonly string[] = ['github.com', 'gitlab.com']

const MAX_CHARS = 1_024
const MAX_VALUE_CHARS = 256

/** A token's own host and subject come before tags, they before session names, and these before user agents. */
export function shownRun({ userAgent, sessionName, issuer, subject, tags }: CallerTexts): ShownRun {
  const agent = bounded(userAgent)
  const session = bounded(sessionName)
  const client = clientOf(agent, session)
  const found: ShownRun[] = [
    ...byToken(issuer === null ? null : hostOf(issuer), subjectIn(bounded(subject))),
    ...RUN_TOOLS.flatMap(tool => withTool(tool, tags === null ? null : tool.tags?.(tags))),
    ...RUN_TOOLS.flatMap(tool => withTool(tool, session === null ? null : bySession(tool, session))),
    ...RUN_TOOLS.flatMap(tool => withTool(tool, agent !== null && tool.agent?.test(agent) ? runIdIn(agent) : null)),
  ]
  const [first = {}] = found
  // What another tool shows belongs to another run.
  const same = found.filter(({ tool }) => tool === first.tool)
  const run = Object.assign(
    {},
    client,
    ...same.toReversed(),
    ...(client.actor === undefined
      ? []
      : [{ actor: same.find(one => one.actor !== undefined)?.actor ?? client.actor }]),
  )
  const url = runUrl(run, issuer)
  return bound({ ...run, ...(url === null ? {} : { url }) })
}

/** Where the tool shows the run. Null: a part is missing, or the tokens are of a host that the tool's makers do not run. */
export function runUrl(run: ShownRun, issuer: string | null): string | null {
  const tool = RUN_TOOLS.find(one => one.tool === run.tool)
  const isHosted = issuer === null || tool?.hosted?.test(hostOf(issuer)) === true
  return isHosted ? (tool?.url?.(run) ?? null) : null
}

const withTool = ({ tool }: RunTool, run: ShownRun | null | undefined): readonly ShownRun[] =>
  run === null || run === undefined ? [] : [{ ...run, tool }]

/** A host that people choose is known by the form of its subject alone. */
function byToken(host: string | null, subject: string | null): readonly ShownRun[] {
  if (host === null) return []
  const ofHost = RUN_TOOLS.filter(({ issuer }) => issuer?.test(host))
  const anyHost = RUN_TOOLS.filter(one => one.issuer === undefined && one.subject !== undefined)
  const bySubject = subject === null ? [] : anyHost.flatMap(tool => withTool(tool, tool.subject?.(subject)))
  const byHost = ofHost.flatMap(tool =>
    withTool(tool, { ...(subject === null ? null : tool.subject?.(subject)), ...ownHost(tool, host) }),
  )
  // A cluster is where a controller runs: its subject names the controller.
  return byHost[0]?.tool === 'eks' ? [...bySubject, ...byHost] : [...byHost, ...bySubject]
}

/** Not of the public instance, to which `url` leads. */
function ownHost({ hosted }: RunTool, issuer: string): ShownRun {
  const host = /^[A-Za-z0-9.-]{1,253}(?=\/|$)/.exec(issuer)?.[0]
  return host === undefined || hosted === undefined || hosted.test(issuer) ? {} : { host }
}

function bySession({ session }: RunTool, name: string): ShownRun | null {
  const match = session?.exec(name)
  if (match == null) return null
  const { id, workflow } = match.groups ?? {}
  return { ...(id === undefined ? {} : { id }), ...(workflow === undefined ? {} : { workflow }) }
}

/** https://github.com/aws-actions/configure-aws-credentials writes it into its user agent. */
function runIdIn(agent: string): ShownRun {
  const id = /\bmd\/run_id#(\d{1,20})\b/.exec(agent)?.[1]
  return id === undefined ? {} : { id }
}

/** Of an ARN, of a URL, or of both parts in a principal id. */
const hostOf = (issuer: string): string =>
  issuer
    .slice(0, MAX_CHARS)
    .replace(/^arn:[^:]{1,20}:iam::\d{0,12}:oidc-provider\//, '')
    .replace(/^https:\/\//, '')

/** A principal id holds provider, audience and subject. */
const subjectIn = (subject: string | null): string | null =>
  subject?.replace(/^arn:[^:]{1,20}:iam::\d{12}:oidc-provider\/[^:]{1,200}:[^:]{1,200}:/, '') ?? null

const bounded = (text: string | null): string | null => (text === null || text === '' ? null : text.slice(0, MAX_CHARS))

function bound(run: ShownRun): ShownRun {
  return Object.fromEntries(
    Object.entries(run).filter(([, value]) => typeof value === 'string' && value.length <= MAX_VALUE_CHARS),
  )
}
