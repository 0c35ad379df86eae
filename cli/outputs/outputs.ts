/** Every JSON output of the command line. Schemas, types and the reference page are generated from this list. */
import * as z from 'zod'
import { NOTICE_DETAILS } from '../../functions/domain/audit/index.ts'
import { auditGrants, auditRecord, auditReport, auditVerify, status } from './audit.ts'
import { backtest } from './backtest.ts'
import { canary } from './canary.ts'
import { diagnosis } from './diagnosis.ts'
import { doctor } from './doctor.ts'
import { explainDeploy } from './explain-deploy.ts'
import { hint } from './hint.ts'
import { jobEvent } from './job-event.ts'
import { passkeys } from './operate/passkeys.ts'
import { patchCode } from './patch-code.ts'
import { policy } from './policy.ts'
import { preflight } from './preflight.ts'
import { redrive } from './redrive.ts'
import { revert } from './revert.ts'
import { stop } from './stop.ts'

export type Output = {
  /** Increases only with a change that breaks readers. */
  readonly version: number
  readonly about: string
  readonly schema: z.ZodType
}

const text = z.string()

export const OUTPUTS = {
  diagnosis: { version: 1, about: 'rolemedic diagnose --json: one object per denial, one per line', schema: diagnosis },
  hint: {
    version: 1,
    about:
      'rolemedic diagnose --json, beside or instead of diagnoses: a caller could not become a role before anything was denied, or a refusal is cut off',
    schema: hint,
  },
  preflight: { version: 1, about: 'rolemedic preflight --json', schema: preflight },
  'explain-deploy': { version: 1, about: 'rolemedic explain-deploy --json', schema: explainDeploy },
  'job-event': {
    version: 1,
    about: 'the detail of the event that a failed job sends: rolemedic ci --notify true, or aws events put-events',
    schema: jobEvent,
  },
  'patch-code': { version: 1, about: 'rolemedic patch-code --json', schema: patchCode },
  backtest: { version: 1, about: 'rolemedic backtest --json', schema: backtest },
  policy: { version: 1, about: 'rolemedic explain-policy --json', schema: policy },
  revert: { version: 1, about: 'rolemedic revert --json', schema: revert },
  redrive: { version: 1, about: 'rolemedic redrive --json', schema: redrive },
  canary: { version: 1, about: 'rolemedic canary --json', schema: canary },
  passkeys: { version: 1, about: 'rolemedic passkeys list --json', schema: passkeys },
  stop: { version: 1, about: 'rolemedic stop --json and resume --json', schema: stop },
  status: { version: 1, about: 'rolemedic status --json', schema: status },
  'audit-record': {
    version: 1,
    about: 'rolemedic audit list --json and show --json: one object per record, one per line',
    schema: auditRecord,
  },
  'audit-verify': { version: 1, about: 'rolemedic audit verify --json', schema: auditVerify },
  'audit-grants': { version: 1, about: 'rolemedic audit grants --json', schema: auditGrants },
  'audit-report': { version: 1, about: 'rolemedic audit report --json', schema: auditReport },
  'notice-approved': { version: 1, about: 'SNS: somebody approved', schema: NOTICE_DETAILS.approved },
  'notice-applied': { version: 1, about: 'SNS: a change was written to IAM', schema: NOTICE_DETAILS.applied },
  'notice-reverted': { version: 1, about: 'SNS: a change was taken away again', schema: NOTICE_DETAILS.reverted },
  'notice-expired': { version: 1, about: 'SNS: nobody decided in time', schema: NOTICE_DETAILS.expired },
  'notice-break-glass': {
    version: 1,
    about: 'SNS: one person approved alone',
    schema: NOTICE_DETAILS['break-glass'],
  },
  'notice-ratified': { version: 1, about: 'SNS: somebody said that it was right', schema: NOTICE_DETAILS.ratified },
  'notice-not-ratified': {
    version: 1,
    about: 'SNS: somebody said that it was not right',
    schema: NOTICE_DETAILS['not-ratified'],
  },
  'notice-forged': {
    version: 1,
    about: 'SNS: an item was changed outside of rolemedic',
    schema: NOTICE_DETAILS.forged,
  },
  doctor: { version: 1, about: 'rolemedic doctor --json', schema: doctor },
  match: {
    version: 1,
    about: 'rolemedic match --json: one object per record, one per line',
    schema: z.object({ id: z.nullable(text), rules: z.array(text).describe('names of the rules that match') }),
  },
  patterns: {
    version: 1,
    about: 'rolemedic patterns: an EventBridge pattern per rule',
    schema: z.record(text, z.record(text, z.unknown())),
  },
  'config-check': {
    version: 1,
    about: 'rolemedic config check --json of a file with errors; a valid one is printed with its defaults',
    schema: z.object({ file: text, errors: z.array(text) }),
  },
} as const satisfies { readonly [name: string]: Output }

export type OutputName = keyof typeof OUTPUTS
export const OUTPUT_NAMES = Object.keys(OUTPUTS) as readonly OutputName[]

/** Later versions may add members, so the schemas allow unknown ones. */
export function outputJsonSchema(name: OutputName): object {
  const { version, about, schema } = OUTPUTS[name]
  const { $schema, ...body } = z.toJSONSchema(schema, {
    target: 'draft-2020-12',
    override: ({ jsonSchema }) => {
      if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties
    },
  })
  return { $schema, $id: `urn:rolemedic:${name}:${version}`, title: name, description: about, ...body }
}

export const outputSchemaText = (name: OutputName): string => `${JSON.stringify(outputJsonSchema(name), null, 2)}\n`
