/** Parses the output of `rolemedic diagnose --json`: only the fields that a comment shows. */

import * as z from 'zod'
import { UsageError } from '../../../core/base/index.ts'
import { parsePolicy } from '../../../core/iam/index.ts'
import { TARGET_KINDS } from '../../../core/patch/index.ts'

const policy = z.unknown().transform((value, context) => {
  const parsed = parsePolicy(value)
  if (parsed.ok) return parsed.value
  context.addIssue({ code: 'custom', message: parsed.error })
  return z.NEVER
})

const oneStatement = z.unknown().transform((value, context) => {
  const parsed = parsePolicy({ Version: '2012-10-17', Statement: [value] })
  const [statement] = parsed.ok ? parsed.value.Statement : []
  if (statement !== undefined) return statement
  context.addIssue({ code: 'custom', message: parsed.ok ? 'no statement' : parsed.error })
  return z.NEVER
})

const diagnosis = z.object({
  schema: z.literal('rolemedic.diagnosis/1'),
  denial: z.object({
    accountId: z.string().nullable(),
    region: z.string().nullable(),
    action: z.string(),
    principal: z.object({ kind: z.string(), arn: z.string().nullable(), roleArn: z.string().nullable() }),
    resource: z.string().nullable(),
    call: z.object({ eventName: z.string().nullable() }),
  }),
  diagnosis: z.object({
    verdict: z.string(),
    cause: z.string(),
    summary: z.string(),
    evidence: z.array(z.object({ policy: z.string().nullable(), attachedTo: z.string().nullable() })),
    unknowns: z.array(z.object({ fact: z.string(), why: z.string() })),
  }),
  next: z.array(z.object({ do: z.string(), command: z.string().nullable() })),
  patches: z.array(
    z.object({
      target: z.object({
        kind: z.enum(TARGET_KINDS),
        accountId: z.string(),
        name: z.string(),
        policyName: z.string().nullable(),
      }),
      before: z.union([z.null(), policy]),
      after: policy,
      required: z.boolean(),
    }),
  ),
  verification: z.object({ risk: z.string(), approvers: z.number() }).nullable(),
  refusal: z.object({ code: z.string().optional(), message: z.string(), owner: z.string().nullable() }).nullable(),
  suggestion: z.nullish(z.object({ statement: oneStatement, attachTo: z.string().nullable() })),
})

export type DiagnosisJson = z.output<typeof diagnosis>

const hint = z.object({
  schema: z.literal('rolemedic.hint/1'),
  line: z.number().nullable(),
  says: z.string(),
  next: z.array(z.object({ do: z.string(), command: z.string().nullable(), who: z.string().nullable() })),
})

export type HintJson = z.output<typeof hint>

/** One diagnosis or hint per line; none for an empty text. Throws UsageError for any other input. */
export function parseDiagnoses(text: string, name: string) {
  const all = text
    .split('\n')
    .flatMap((line, index) => (line.trim() === '' ? [] : [parseLine(line, `${name}: line ${index + 1}`)]))
  return {
    diagnoses: all.filter(one => one.schema === 'rolemedic.diagnosis/1'),
    hints: all.filter(one => one.schema === 'rolemedic.hint/1'),
  }
}

function parseLine(line: string, place: string): DiagnosisJson | HintJson {
  const value = json(line)
  const asHint = hint.safeParse(value)
  if (asHint.success) return asHint.data
  const parsed = diagnosis.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const where = issue === undefined || issue.path.length === 0 ? '' : ` (${issue.path.join('.')})`
  throw new UsageError(`${place} is not output of rolemedic diagnose --json${where}`)
}

function json(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
