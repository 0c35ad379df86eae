/** What the deployment passes to `write`. */
import { readFileSync } from 'node:fs'
import * as z from 'zod'
import { RolemedicError } from '../../core/base/fault.ts'
import { PASSKEY_SETTINGS } from '../domain/authority/passkey.ts'

const PLACES = ['DEPLOYMENT_ID', 'WRITE_CONFIG_FILE', 'AUDIT_BUCKET', 'OUTCOME_QUEUE_URL', 'PASSKEY_ORIGIN']
const KEYS = ['DECISIONS_KEY_ARN', 'ATTESTATIONS_KEY_ARN', 'OUTCOMES_KEY_ARN', 'ENROLLMENTS_KEY_ARN']
const ROLE = ['WRITER_ROLE_NAME', 'WRITER_EXTERNAL_ID', 'AWS_REGION']
/** Made when the bot is deployed, of the configuration, which `write` has no parser of. */
const configured = z.strictObject({
  configDigest: z.string().check(z.regex(/^sha256:[0-9a-f]{64}$/)),
  approvedSets: z.array(z.string().check(z.minLength(1))),
  secondReadSeconds: z.number(),
  passkeys: z.strictObject(PASSKEY_SETTINGS),
})

/** If any are missing, the cold start fails with one line that names them all. */
export function writeEnvironment(env: NodeJS.ProcessEnv) {
  const missing = [...PLACES, ...KEYS, ...ROLE].filter(name => !env[name])
  if (missing.length > 0)
    throw new RolemedicError('environment', `missing environment variables: ${missing.join(', ')}`)
  const of = (name: string): string => env[name] ?? ''
  const text = readFileSync(of('WRITE_CONFIG_FILE'), 'utf8')
  const { secondReadSeconds, passkeys, ...config } = z.parse(configured, JSON.parse(text))
  const own = { deploymentId: of('DEPLOYMENT_ID'), ...config, passkeys: { ...passkeys, origin: of('PASSKEY_ORIGIN') } }
  const asked = { decisions: of('DECISIONS_KEY_ARN'), attestations: of('ATTESTATIONS_KEY_ARN') }
  const kept = { outcomes: of('OUTCOMES_KEY_ARN'), audit: of('AUDIT_KEY_ARN'), enrollments: of('ENROLLMENTS_KEY_ARN') }
  const keys = { ...asked, ...kept }
  const [, partition = 'aws'] = keys.outcomes.trim().split(':')
  const region = of('AWS_REGION')
  const accountId = of('IDENTITY_CENTER_ACCOUNT')
  /** Where Identity Center is administered; null: permission sets are not written. */
  const identityCenter = accountId === '' ? null : { accountId, region: of('IDENTITY_CENTER_REGION') || region }
  const [roleName, externalId] = [of('WRITER_ROLE_NAME'), of('WRITER_EXTERNAL_ID')]
  const role = { partition, region, roleName, externalId, identityCenter }
  return { own, keys, secondReadSeconds, bucket: of('AUDIT_BUCKET'), outcomeQueueUrl: of('OUTCOME_QUEUE_URL'), role }
}

export type WriterRole = ReturnType<typeof writeEnvironment>['role']
