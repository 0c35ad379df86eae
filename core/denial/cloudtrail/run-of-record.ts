/** The run behind a denied call, as far as its own record shows it. */
import { RUN_FACTS, type Run, type RunPerson, shownRun } from '../../runs/index.ts'
import { type CloudTrailRecord, readCloudTrailRecord, type UserIdentity } from './cloudtrail-record.ts'

/** `arn`: of the caller, where there is no record but a text. Null: nothing is shown. */
export function runBehind(value: unknown, arn: string | null): Run | null {
  const record = readCloudTrailRecord(value)
  return record === null ? runOfName(arn) : runOfRecord(record)
}

function runOfRecord({ userIdentity, userAgent, sourceIPAddress }: CloudTrailRecord): Run | null {
  const session = userIdentity?.sessionContext ?? null
  const issuer = session?.webIdFederationData?.federatedProvider ?? null
  const isToken = userIdentity?.type === 'WebIdentityUser'
  const person = userIdentity === null ? null : personOf(userIdentity)
  const isPerson = person?.kind === 'identity-center'
  const shown = shownRun({
    userAgent,
    sessionName: isPerson ? null : sessionNameIn(userIdentity?.arn ?? null),
    issuer: isToken ? (userIdentity?.identityProvider ?? null) : issuer,
    subject: isToken ? (userIdentity?.userName ?? null) : null,
    tags: null,
  })
  // AWS names the provider of a session that a token began: the caller does not choose it.
  const byProvider = issuer === null ? {} : shownRun({ ...NOTHING, issuer })
  const actor = isPerson ? null : (shown.actor ?? session?.sourceIdentity ?? null)
  const run = { ...shown, ...(actor === null ? {} : { actor }) }
  const byService = shownRun({ ...NOTHING, userAgent: serviceBehind(userIdentity?.invokedBy, sourceIPAddress) })
  const isProved = run.tool !== undefined && [byProvider.tool, byService.tool].includes(run.tool)
  const proved = isProved ? ['tool'] : []
  return runWith(run, person, proved)
}

/**
 * The service that sent the call for its caller, in AWS's own fields. Null: the caller sent it.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
 */
const serviceBehind = (...fields: readonly (string | null | undefined)[]): string | null =>
  fields.find(field => field != null && /^[a-z0-9-]{1,60}\.amazonaws\.com$/.test(field)) ?? null

/** The run behind a caller whom a text names: everything is claimed. */
function runOfName(arn: string | null): Run | null {
  const sessionName = sessionNameIn(arn)
  return sessionName === null ? null : runWith(shownRun({ ...NOTHING, sessionName }), null, [])
}

const NOTHING = { userAgent: null, sessionName: null, issuer: null, subject: null, tags: null }

function runWith(shown: ReturnType<typeof shownRun>, person: RunPerson | null, proved: readonly string[]): Run | null {
  if (Object.keys(shown).length === 0 && person === null) return null
  const {
    tool = null,
    client = null,
    id = null,
    url = null,
    repository = null,
    ref = null,
    workflow = null,
    actor = null,
  } = shown
  const run = { tool, client, id, url, repository, ref, workflow, actor, person }
  const claimed = RUN_FACTS.filter(fact =>
    fact === 'person' ? person?.proved === false : run[fact] !== null && !proved.includes(fact),
  )
  return { ...run, chain: [], claimed }
}

/** Roles that Identity Center makes: it sets the name of their sessions to that of the person. */
const IDENTITY_CENTER = /^arn:[^:]{1,20}:iam::\d{12}:role\/aws-reserved\/sso\.amazonaws\.com\//

/** https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html */
function personOf({ type, userName, arn, sessionContext }: UserIdentity): RunPerson | null {
  switch (type) {
    case 'IAMUser':
      return userName === null ? null : { name: userName, kind: 'user', proved: true }
    case 'Root':
      return { name: 'root', kind: 'root', proved: true }
    case 'SAMLUser':
      return userName === null ? null : { name: userName, kind: 'saml', proved: false }
    case 'WebIdentityUser':
      return null
    case 'AssumedRole': {
      const role = sessionContext?.sessionIssuer?.arn ?? ''
      const name = IDENTITY_CENTER.test(role) ? sessionNameIn(arn) : null
      return name === null ? null : { name, kind: 'identity-center', proved: true }
    }
    default:
      return null
  }
}

const sessionNameIn = (arn: string | null): string | null =>
  /:assumed-role\/[^/]{1,64}\/([\w+=,.@-]{1,64})$/.exec(arn ?? '')?.[1] ?? null
