/** What the deployment passes to `write`. */
import { readFileSync } from 'node:fs'
import * as z from 'zod'
import { RolemedicError } from '../../core/base/errors.ts'

const some = z.string().check(z.minLength(1))
const digest = z.string().check(z.regex(/^sha256:[0-9a-f]{64}$/))

const schema = z.object({
  ...{ DEPLOYMENT_ID: some, WRITE_CONFIG_FILE: some, AUDIT_BUCKET: some, OUTCOME_QUEUE_URL: some },
  ...{ DECISIONS_KEY_ARN: some, ATTESTATIONS_KEY_ARN: some, OUTCOMES_KEY_ARN: some },
  ...{ WRITER_ROLE_NAME: some, WRITER_EXTERNAL_ID: some, AWS_REGION: some },
  AUDIT_KEY_ARN: z._default(z.string(), ''),
  IDENTITY_CENTER_ACCOUNT: z._default(z.string(), ''),
  IDENTITY_CENTER_REGION: z._default(z.string(), ''),
})
/** Made when the bot is deployed, of the configuration, which `write` has no parser of. */
const configured = z.strictObject({ configDigest: digest, approvedSets: z.array(some), secondReadSeconds: z.number() })

export type WriteEnvironment = ReturnType<typeof writeEnvironment>

/** If any are missing, the cold start fails with one line that names them all. */
export function writeEnvironment(env: NodeJS.ProcessEnv) {
  const parsed = schema.safeParse(env)
  if (!parsed.success) {
    const names = parsed.error.issues.map(({ path }) => path.join('.'))
    throw new RolemedicError('environment', `missing or wrong environment variables: ${names.join(', ')}`)
  }
  const all = parsed.data
  const { secondReadSeconds, ...config } = z.parse(configured, JSON.parse(readFileSync(all.WRITE_CONFIG_FILE, 'utf8')))
  const [signingKey = ''] = listed(all.OUTCOMES_KEY_ARN)
  const accountId = all.IDENTITY_CENTER_ACCOUNT
  return {
    own: { deploymentId: all.DEPLOYMENT_ID, ...config },
    keys: {
      decisions: listed(all.DECISIONS_KEY_ARN),
      attestations: listed(all.ATTESTATIONS_KEY_ARN),
      outcomes: listed(all.OUTCOMES_KEY_ARN),
      audit: listed(all.AUDIT_KEY_ARN),
    },
    signingKey,
    bucket: all.AUDIT_BUCKET,
    outcomeQueueUrl: all.OUTCOME_QUEUE_URL,
    secondReadSeconds,
    role: {
      ...{
        partition: signingKey.split(':')[1] ?? 'aws',
        roleName: all.WRITER_ROLE_NAME,
        externalId: all.WRITER_EXTERNAL_ID,
      },
      region: all.AWS_REGION,
      identityCenter: accountId === '' ? null : { accountId, region: all.IDENTITY_CENTER_REGION || all.AWS_REGION },
    },
  }
}

/** Several ARNs of one use, separated by commas: the first one signs now, and what the others signed stays valid. */
const listed = (text: string): readonly string[] =>
  text
    .split(',')
    .map(arn => arn.trim())
    .filter(arn => arn !== '')
