/**
 * AWS's own models of its APIs, as Debian's python3-botocore has them (moto needs it). A request that AWS does not have, or an answer that it
 * would not give, is named: a fake that answers both shows nothing.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'

const FOLDER = '/usr/lib/python3/dist-packages/botocore/data'
/** The service in the signature, where the folder has another name. */
const FOLDERS: { readonly [service: string]: string } = {
  'access-analyzer': 'accessanalyzer',
  monitoring: 'cloudwatch',
  sso: 'sso-admin',
}

type Member = { readonly shape: string; readonly location?: string; readonly locationName?: string }
type Shape = {
  readonly type: string
  readonly required?: readonly string[]
  readonly members?: { readonly [name: string]: Member }
  readonly member?: Member
  readonly value?: Member
  readonly flattened?: boolean
  /** The member that is the whole body. */
  readonly payload?: string
}
type Operation = {
  readonly http: { readonly method: string; readonly requestUri: string }
  readonly input?: Member
  readonly output?: Member
}
type Model = {
  readonly metadata: { readonly apiVersion: string; readonly protocol: string; readonly targetPrefix?: string }
  readonly operations: { readonly [name: string]: Operation }
  readonly shapes: { readonly [name: string]: Shape }
}

export type AwsRequest = {
  readonly method: string
  /** With the query. */
  readonly path: string
  /** In lower case. */
  readonly headers: { readonly [name: string]: string | readonly string[] | undefined }
  readonly body: string
}
export type AwsCall = { readonly service: string; readonly operation: string }
type Named = AwsCall & { readonly model: Model; readonly found: Operation }

const models = new Map<string, Model>()

function modelOf(service: string): Model {
  const known = models.get(service)
  if (known !== undefined) return known
  const folder = join(FOLDER, FOLDERS[service] ?? service)
  const newest = readdirSync(folder).toSorted().at(-1) ?? ''
  const [file = ''] = readdirSync(join(folder, newest)).filter(name => name.startsWith('service-2.json'))
  const bytes = readFileSync(join(folder, newest, file))
  const model = JSON.parse((file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')) as Model
  models.set(service, model)
  return model
}

export const serviceOf = ({ headers }: Pick<AwsRequest, 'headers'>): string =>
  /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\//.exec(String(headers['authorization'] ?? ''))?.[1] ?? ''

/** Throws for a request that AWS does not have. Null: not of AWS, or of S3. */
export function awsCall(request: AwsRequest): AwsCall | null {
  const service = serviceOf(request)
  if (service === '' || service === 's3') return null
  const named = namedIn(request, service)
  const { model, found, operation } = named
  const wrong = model.metadata.protocol === 'query' ? wrongParameters(request, named) : wrongBody(request, named)
  if (wrong.length > 0) throw new Error(`${service} ${operation}: ${wrong.join(', ')}`)
  if (found.http.method !== request.method) throw new Error(`${service} ${operation}: ${request.method}`)
  return { service, operation }
}

/** What the answer has that AWS's has not: members of JSON, elements of XML. */
export function wrongAnswer({ service, operation }: AwsCall, body: string): readonly string[] {
  const model = modelOf(service)
  const output = model.operations[operation]?.output
  if (output === undefined) return []
  if (body.startsWith('{')) return unknownMembers(JSON.parse(body), inBody(output, model), model, operation)
  const known = elementsOf(output, model)
  return [...new Set([...body.matchAll(/<(\w+)/g)].map(([, name = '']) => name))]
    .filter(name => !known.has(name) && ![`${operation}Response`, `${operation}Result`].includes(name))
    .map(name => `${operation} has no <${name}>`)
}

/** Of every shape that an answer reaches. */
function elementsOf(output: Member, { shapes }: Model): ReadonlySet<string> {
  const names = new Set(['ResponseMetadata', 'RequestId', 'member', 'entry', 'key', 'value'])
  const reached = new Set<string>()
  const reach = (one: Member): void => {
    if (one.locationName !== undefined) names.add(one.locationName)
    if (reached.has(one.shape)) return
    reached.add(one.shape)
    const { members = {}, member, value } = shapes[one.shape] ?? {}
    for (const name of Object.keys(members)) names.add(name)
    for (const part of [...Object.values(members), member, value]) if (part !== undefined) reach(part)
  }
  reach(output)
  return names
}

function inBody(whole: Member, { shapes }: Model): Member {
  const { payload = '', members = {} } = shapes[whole.shape] ?? {}
  return members[payload] ?? whole
}

function namedIn({ method, path, headers, body }: AwsRequest, service: string): Named {
  const model = modelOf(service)
  const { apiVersion, protocol, targetPrefix } = model.metadata
  const named = (operation: string): Named => {
    const found = model.operations[operation]
    if (found === undefined) throw new Error(`${service} has no operation ${operation}`)
    return { service, operation, model, found }
  }
  if (protocol === 'json') {
    const [prefix, operation = ''] = String(headers['x-amz-target']).split('.')
    // CloudTrail's has a namespace, which clients leave out.
    if (prefix !== targetPrefix?.split('.').at(-1))
      throw new Error(`${service} has no target ${headers['x-amz-target']}`)
    return named(operation)
  }
  if (protocol === 'query') {
    const given = new URLSearchParams(body)
    if (given.get('Version') !== apiVersion) throw new Error(`${service} has no version ${given.get('Version')}`)
    return named(given.get('Action') ?? '')
  }
  const [asked = ''] = path.split('?')
  const [operation] =
    Object.entries(model.operations).find(([, { http }]) => http.method === method && fits(asked, http.requestUri)) ??
    []
  if (operation === undefined) throw new Error(`${service} has no ${method} ${asked}`)
  return named(operation)
}

const fits = (path: string, template: string): boolean =>
  new RegExp(`^${template.replace(/\?.*$/, '').replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path)

function wrongBody({ path, body }: AwsRequest, { found, model, operation }: Named): readonly string[] {
  if (found.input === undefined) return []
  const { members = {} } = model.shapes[found.input.shape] ?? {}
  const [, query = ''] = path.split('?')
  const inQuery = Object.values(members).flatMap(one => (one.location === 'querystring' ? [one.locationName] : []))
  return [
    ...[...new URLSearchParams(query).keys()].filter(name => !inQuery.includes(name)).map(name => `has no ?${name}`),
    ...(body === '' ? [] : unknownMembers(JSON.parse(body), inBody(found.input, model), model, operation, true)),
  ]
}

/** `isAsked`: the required members count, too. */
function unknownMembers(
  value: unknown,
  { shape: name }: Member,
  model: Model,
  at: string,
  isAsked = false,
): readonly string[] {
  const { type, members = {}, member, value: inMap, required = [] } = model.shapes[name] ?? { type: '' }
  const isObject = typeof value === 'object' && value !== null
  const under = (one: unknown, is: Member, part: string) => unknownMembers(one, is, model, `${at}.${part}`, isAsked)
  if (type === 'list' && member !== undefined)
    return Array.isArray(value)
      ? value.flatMap((one, index) => under(one, member, String(index)))
      : [`${at} is no list`]
  if (type === 'map' && inMap !== undefined)
    return isObject ? Object.entries(value).flatMap(([key, one]) => under(one, inMap, key)) : [`${at} is no map`]
  if (type !== 'structure') return isObject && type !== 'blob' ? [`${at} is no ${type}`] : []
  if (!isObject) return [`${at} is no structure`]
  const own = Object.entries(members).filter(([, { location }]) => location === undefined)
  const byName = new Map(own.map(([key, one]) => [one.locationName ?? key, one]))
  return [
    ...Object.entries(value).flatMap(([key, one]) => {
      const known = byName.get(key)
      if (one === null || one === undefined) return []
      return known === undefined ? [`${at} has no ${key}`] : under(one, known, key)
    }),
    ...own.flatMap(([key, { locationName = key }]) =>
      isAsked && required.includes(key) && !(locationName in value) ? [`${at} needs ${key}`] : [],
    ),
  ]
}

function wrongParameters({ body }: AwsRequest, { found, model, operation }: Named): readonly string[] {
  const names = [...new URLSearchParams(body).keys()].filter(name => name !== 'Action' && name !== 'Version')
  const required = found.input === undefined ? [] : (model.shapes[found.input.shape]?.required ?? [])
  return [
    ...names.filter(name => !isParameter(name.split('.'), found.input, model)).map(name => `has no ${name}`),
    ...required
      .filter(one => !names.some(name => name === one || name.startsWith(`${one}.`)))
      .map(one => `${operation} needs ${one}`),
  ]
}

/** `MetricDataQueries.member.1.Id`: https://smithy.io/2.0/aws/protocols/aws-query-protocol.html */
function isParameter([part, ...rest]: readonly string[], is: Member | undefined, model: Model): boolean {
  const shape = is === undefined ? undefined : model.shapes[is.shape]
  if (part === undefined) return shape !== undefined && !/^(structure|list|map)$/.test(shape.type)
  if (shape?.type === 'structure') {
    const byName = Object.entries(shape.members ?? {}).find(([key, one]) => (one.locationName ?? key) === part)
    return isParameter(rest, byName?.[1], model)
  }
  if (shape?.type === 'list') {
    const [index, ...under] = shape.flattened === true ? [part, ...rest] : rest
    const isNamed = shape.flattened === true || part === (shape.member?.locationName ?? 'member')
    return isNamed && /^[1-9]\d*$/.test(index ?? '') && isParameter(under, shape.member, model)
  }
  // `entry.1.key`
  return shape?.type === 'map'
}
