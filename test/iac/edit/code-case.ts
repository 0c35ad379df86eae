/** Sample repositories as data: test/cases/code/. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { structuredPatch } from 'diff'
import { parse } from 'yaml'
import { z } from 'zod'
import { parsePolicy } from '../../../core/iam/policy/parse-policy.ts'
import type { PolicyDocument, Statement } from '../../../core/iam/policy/policy-document.ts'
import { changeDigest, type PolicyChange, type Target } from '../../../core/patch/patch.ts'
import { loadParsers } from '../../../functions/adapters/syntax/parsers.ts'
import { type CodeChange, type EntityHints, NO_ENTITY_HINTS } from '../../../iac/edit/code-change.ts'
import { editCode } from '../../../iac/edit/edit-code.ts'
import { CODE_KINDS } from '../../../iac/repository/code-kinds.ts'

export const CASES_FOLDER = join(import.meta.dirname, '../../cases/code')
export const ACCOUNT = '111122223333'

const statement = z.union([
  z.enum(['pass', 'pass-lambda', 'trust-ci', 'trust-service']),
  z.record(z.string(), z.unknown()),
])
const change = z.strictObject({
  /** `role app/orders-deploy`, `user ci`, `trust orders-task`, `managed orders`. */
  on: z.string().regex(/^(role|user|trust|managed) \S+$/),
  policy: z.optional(z.string()),
  before: z.optional(z.array(statement)),
  adds: z.optional(z.array(statement)),
  /** All statements after the change, instead of `adds`. */
  after: z.optional(z.array(statement)),
})
const codeCase = z.strictObject({
  about: z.string(),
  /** The public repository whose form it has, and its licence. */
  source: z
    .string()
    .regex(/^https:\/\/github\.com\/[\w.-]+\/[\w.-]+ \((?:[\w.+-]+|no licence stated|licence not checked)\)$/),
  kind: z.optional(z.enum(CODE_KINDS)),
  changes: z.array(change).min(1),
  hints: z.optional(z.record(z.string(), z.string())),
  files: z.record(z.string(), z.string()),
  /** Hunks of the diff, by file. */
  exact: z.optional(z.record(z.string(), z.string())),
  address: z.optional(z.string()),
  draft: z.optional(z.string()),
})
export type CodeCase = z.infer<typeof codeCase> & { readonly name: string }

const STATEMENTS: { readonly [name: string]: Statement } = {
  pass: {
    Sid: 'Rolemedic1a2b3c4d',
    Effect: 'Allow',
    Action: 'iam:PassRole',
    Resource: `arn:aws:iam::${ACCOUNT}:role/app/orders-task`,
    Condition: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
  },
  'pass-lambda': {
    Sid: 'Rolemedic1a2b3c4d',
    Effect: 'Allow',
    Action: 'iam:PassRole',
    Resource: `arn:aws:iam::${ACCOUNT}:role/orders-worker`,
    Condition: { StringEquals: { 'iam:PassedToService': 'lambda.amazonaws.com' } },
  },
  'trust-ci': {
    Sid: 'Rolemedic5e6f7a8b',
    Effect: 'Allow',
    Principal: { AWS: `arn:aws:iam::${ACCOUNT}:role/ci-deploy` },
    Action: 'sts:AssumeRole',
  },
  'trust-service': {
    Sid: 'Rolemedic5e6f7a8b',
    Effect: 'Allow',
    Principal: { Service: 'scheduler.amazonaws.com' },
    Action: 'sts:AssumeRole',
    Condition: { StringEquals: { 'aws:SourceAccount': ACCOUNT } },
  },
}

export function codeCases(): readonly CodeCase[] {
  return readdirSync(CASES_FOLDER, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.yaml'))
    .sort()
    .map(name => {
      const read = codeCase.safeParse(parse(readFileSync(join(CASES_FOLDER, name), 'utf8')))
      if (!read.success) throw new Error(`${name}: ${read.error.message}`)
      return { ...read.data, name: name.replace(/\.yaml$/, '').replaceAll('\\', '/') }
    })
}

export const changesOf = ({ changes }: CodeCase): readonly PolicyChange[] =>
  changes.map(({ on, policy, before, adds, after }) => {
    const [kind = '', path = ''] = on.split(' ')
    const name = path.slice(path.lastIndexOf('/') + 1)
    const edit = {
      target: targetOf(kind, path, name, policy ?? 'rolemedic'),
      before: before === undefined ? null : documentOf(before),
      after: documentOf(after ?? [...(before ?? []), ...(adds ?? [])]),
    }
    return { ...edit, required: true, digest: changeDigest(edit) }
  })

function targetOf(kind: string, path: string, name: string, policyName: string): Target {
  const of = (type: string) => ({ accountId: ACCOUNT, name, arn: `arn:aws:iam::${ACCOUNT}:${type}/${path}` })
  switch (kind) {
    case 'user':
      return { kind: 'user-inline-policy', policyName, ...of('user') }
    case 'trust':
      return { kind: 'role-trust-policy', policyName: null, ...of('role') }
    case 'managed':
      return { kind: 'managed-policy', policyName: null, ...of('policy') }
    default:
      return { kind: 'role-inline-policy', policyName, ...of('role') }
  }
}

function documentOf(statements: readonly z.infer<typeof statement>[]): PolicyDocument {
  const read = parsePolicy({
    Version: '2012-10-17',
    Statement: statements.map(one => (typeof one === 'string' ? STATEMENTS[one] : one)),
  })
  if (!read.ok) throw new Error(read.error)
  return read.value
}

const parsers = await loadParsers()

export const filesOf = ({ files }: CodeCase) => Object.entries(files).map(([path, text]) => ({ path, text }))

export function runCase(one: CodeCase): CodeChange {
  const changes = changesOf(one)
  const hints: EntityHints = { ...NO_ENTITY_HINTS, ...one.hints }
  const entities = new Map(changes.map(({ target }) => [target.arn, hints]))
  return editCode(changes, filesOf(one), { kind: one.kind ?? null, entities }, parsers)
}

/** The hunks of the diff of each edited file. */
export function hunksOf(outcome: CodeChange): { readonly [file: string]: string } {
  if (outcome.outcome !== 'exact') return {}
  return Object.fromEntries(
    outcome.edits.map(({ file, before, after }) => {
      const { hunks } = structuredPatch(file, file, before, after, '', '', { context: 2 })
      const lines = hunks.flatMap(hunk => ['@@', ...hunk.lines])
      return [file, `${lines.join('\n')}\n`]
    }),
  )
}
