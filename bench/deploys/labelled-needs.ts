/** Public templates and plans with hand-labelled needs, compared with the needs that are read from them. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import { processIo } from '../../cli/io.ts'
import { readNeeds } from '../../cli/use-cases/preflight/sources.ts'
import type { UseCaseWorld } from '../../cli/use-cases/world.ts'
import type { Need } from '../../iac/needs/need.ts'
import { serviceSent } from '../../iac/needs/need-denial.ts'
import { knownText } from '../../iac/source/role-text.ts'

const FOLDER = join(import.meta.dirname, '../../test/deploys')

const label = z.strictObject({
  /** The logical id or address of the resource in the source. */
  at: z.string(),
  action: z.enum(['iam:PassRole', 'sts:AssumeRole', 'iam:CreateServiceLinkedRole']),
  /** An ARN, `made:<logical id or address>`, `parameter`, or `unknown`. */
  role: z.string(),
  /** The value of `iam:PassedToService` in the call. Absent: the call passes no role. */
  service: z.string().optional(),
})
export const LABELS = z
  .array(
    z.strictObject({
      file: z.string(),
      /** `owner/repository@commit:path` */
      from: z.string().regex(/^[^/]+\/[^@]+@[0-9a-f]{12}:/),
      license: z.string(),
      needs: z.array(label),
    }),
  )
  .parse(JSON.parse(readFileSync(join(FOLDER, 'labels.json'), 'utf8')))

const REASON =
  'the code says `local.monitoring_role_arn`, and a plan does not carry locals: the role is found as unknown'
/** Each with its reason. */
export const KNOWN_MISSES: { readonly [need: string]: string } = {
  'tf-rds-monitoring.json: module.db.module.db_2.module.db_instance.aws_db_instance.this[0] iam:PassRole made:module.db.module.db_2.module.db_instance.aws_iam_role.enhanced_monitoring[0] rds.amazonaws.com':
    REASON,
}

export type Assessment = {
  readonly labelled: number
  readonly met: number
  readonly found: number
  /** `<file>: <need>` */
  readonly missed: readonly string[]
  readonly falseAlarms: readonly string[]
}

const environment = { partition: 'aws', accountId: '111122223333', region: 'us-east-1', stackName: 'labelled' }
const quiet: UseCaseWorld = { ...processIo(), progress: () => {} }

export async function needsIn(file: string): Promise<readonly string[]> {
  const options = { environment, parameters: new Map<string, string>() }
  const { needs } = await readNeeds({ kind: 'path', name: join(FOLDER, 'sources', file) }, options, quiet)
  // Whether a service-linked role already exists depends on the account, not on the source.
  return needs.filter(({ implied }) => !implied).map(asLabel)
}

const asLabel = (need: Need): string =>
  inWords({ at: need.where.logicalId, action: need.action, role: roleOf(need), service: serviceSent(need) })

function roleOf({ role: { text } }: Need): string {
  if (text.resource !== null) return `made:${text.resource.logicalId}`
  return knownText(text) ?? (text.from === 'parameter' ? 'parameter' : 'unknown')
}

export const labelled = (needs: (typeof LABELS)[number]['needs']): readonly string[] =>
  needs.map(need => inWords({ ...need, service: need.service ?? null }))

const inWords = (need: { readonly [part: string]: string | null }): string =>
  [need['at'], need['action'], need['role'], need['service'] ?? 'no service'].join(' ')

export async function assess(): Promise<Assessment> {
  const missed: string[] = []
  const falseAlarms: string[] = []
  let found = 0
  let all = 0
  for (const { file, needs } of LABELS) {
    const wanted = labelled(needs)
    const read = await needsIn(file)
    all += wanted.length
    found += read.length
    missed.push(...without(wanted, read).map(need => `${file}: ${need}`))
    falseAlarms.push(...without(read, wanted).map(need => `${file}: ${need}`))
  }
  return { labelled: all, met: all - missed.length, found, missed, falseAlarms }
}

/** Removes one equal item of `others` for each of `some`: two equal needs are two needs. */
function without(some: readonly string[], others: readonly string[]): readonly string[] {
  const left = [...others]
  return some.filter(one => {
    const at = left.indexOf(one)
    if (at !== -1) left.splice(at, 1)
    return at === -1
  })
}
