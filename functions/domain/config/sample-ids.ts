/**
 * The sample is the shipped `rolemedic.config.json`, whose ids `npm start` and its fake Slack use. In a deployment the ids
 * belong to nobody: no card would be posted, and nobody could approve.
 */
import { digestOf } from '../../../core/base/index.ts'

export const SAMPLE_IDS: readonly string[] = [
  'C0ALERTS',
  'C0DEPLOYS',
  'S0NIGHTSHIFT',
  'U0ONCALL1',
  'U0ONCALL2',
  'U0ONCALL3',
  'U0VISITOR',
  '111122223333',
  '444455556666',
]

/** The digest of the sample without `$schema`, which only says where an editor finds the descriptions. A changed file does not match. */
const SAMPLE_DIGEST = 'sha256:7478f179ebcac7724df57c4f65e2ffb907d8188f8f335f85474ce8157a456f6e'

export const SAMPLE_WARNING =
  'this is the sample configuration: "rolemedic start" runs with it, and nothing can be deployed with it. Replace its users, its channel and its accounts with yours'

/** `json`: the content of the file, without defaults. */
export function isSampleConfig(json: object): boolean {
  const { $schema: _, ...settings } = json as { readonly $schema?: unknown }
  return digestOf(settings) === SAMPLE_DIGEST
}

/** One sentence for each place with an id of the sample. */
export function sampleIdErrors(json: object): readonly string[] {
  return idsIn(json, '').map(
    ([path, id]) => `${path}: ${id} is an id of the sample configuration: replace it with yours, or remove it`,
  )
}

type Found = readonly [path: string, id: string]

function idsIn(value: unknown, path: string): readonly Found[] {
  if (typeof value === 'string') {
    const id = value.split(':').find(field => SAMPLE_IDS.includes(field))
    return id === undefined ? [] : [[path, id]]
  }
  if (Array.isArray(value)) return value.flatMap((one, index) => idsIn(one, `${path}[${index}]`))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => {
    const at = path === '' ? key : `${path}.${key}`
    return SAMPLE_IDS.includes(key) ? [[at, key] as const, ...idsIn(inner, at)] : idsIn(inner, at)
  })
}
