/** The run behind a denied call: by its own record, and by the records that issued the key of its caller. */
import { parseTime } from '../../base/index.ts'
import { RUN_FACTS, type Run, type RunFact, type RunPerson, runUrl, type ShownRun, shownRun } from '../../runs/index.ts'
import type { Denial } from '../denial.ts'
import { type CloudTrailRecord, readCloudTrailRecord, type UserIdentity } from './cloudtrail-record.ts'
import { identityOf } from './denied-principal.ts'
import type { IssuedKey, IssuedKeys } from './issued-keys.ts'
import { IDENTITY_CENTER, type KeyChain, keyChain } from './key-chain.ts'

const NO_KEYS: IssuedKeys = new Map()

/** `arn`: of the caller, where there is no record but a text. Null: nothing is shown. */
export function runBehind(value: unknown, arn: string | null, issued: IssuedKeys = NO_KEYS): Run | null {
  const record = readCloudTrailRecord(value)
  return record === null ? runOfName(arn) : runOfRecord(record, chainOf(record, issued))
}

const BROKEN: KeyChain = { hops: [], root: null, missing: null }

/** Who is behind the key that signed a denied call. */
export const chainBehind = (
  { principal, timeMs }: Pick<Denial, 'principal' | 'timeMs'>,
  issued: IssuedKeys,
): KeyChain => (timeMs === null ? BROKEN : keyChain(identityOf(principal), timeMs, issued))

/** The run behind a denial whose record is not kept. */
export function runOfDenial({ principal, claims, via }: Denial, chain: KeyChain | null): Run | null {
  const named = identityOf(principal)
  const token = { identityProvider: claims?.provider ?? null, userName: claims?.subject ?? named.userName }
  const userIdentity = principal.kind === 'web-identity' ? { ...named, ...token } : named
  return runOfRecord({ userIdentity, userAgent: null, sourceIPAddress: via }, chain ?? BROKEN)
}

function chainOf({ userIdentity, eventTime }: CloudTrailRecord, issued: IssuedKeys): KeyChain {
  const atMs = parseTime(eventTime)
  return userIdentity === null || atMs === null ? BROKEN : keyChain(userIdentity, atMs, issued)
}

type Caller = Pick<CloudTrailRecord, 'userIdentity' | 'userAgent' | 'sourceIPAddress'>

function runOfRecord(record: Caller, { hops, root }: KeyChain): Run | null {
  const own = ownFacts(record)
  const begun = root === null ? null : begunBy(root, hops.at(-1) ?? null)
  const all = [...(begun === null ? [] : [begun]), own, ...hops.map(hopFacts)]
  // What another tool shows belongs to another run.
  const tool = all.find(({ shown }) => shown.tool !== undefined)?.shown.tool
  const run: { -readonly [fact in keyof ShownRun]: ShownRun[fact] } = {}
  const proved: RunFact[] = []
  for (const { shown, isProved } of all.filter(one => one.shown.tool === undefined || one.shown.tool === tool))
    for (const [fact, value] of Object.entries(shown) as [keyof ShownRun, string][]) {
      if (fact === 'url' || run[fact] !== undefined) continue
      run[fact] = value
      if (isProved(fact)) proved.push(fact)
    }
  const url = runUrl(run, all.find(({ issuer }) => issuer !== null)?.issuer ?? null)
  if (url !== null && URL_FACTS.every(fact => run[fact] === undefined || proved.includes(fact))) proved.push('url')
  return runWith({ ...run, ...(url === null ? {} : { url }) }, personBehind(record, root, hops), proved, hops)
}

/** What an address is made of. */
const URL_FACTS = ['tool', 'repository', 'id', 'workflow'] as const

/** What one record shows. `isProved`: AWS, or the provider of a token, set it. */
type Facts = {
  readonly shown: ShownRun
  readonly issuer: string | null
  readonly isProved: (fact: RunFact) => boolean
}

const NEVER = () => false

function ownFacts({ userIdentity, userAgent, sourceIPAddress }: Caller): Facts {
  const session = userIdentity?.sessionContext ?? null
  const isToken = userIdentity?.type === 'WebIdentityUser'
  const isPerson = userIdentity !== null && personOf(userIdentity)?.kind === 'identity-center'
  const issuer = isToken ? userIdentity.identityProvider : (session?.webIdFederationData?.federatedProvider ?? null)
  const shown = shownRun({
    userAgent,
    sessionName: isPerson ? null : sessionNameIn(userIdentity?.arn ?? null),
    issuer,
    subject: isToken ? userIdentity.userName : null,
    tags: null,
  })
  // AWS names the provider of a session that a token began: the caller does not choose it.
  const byProvider = isToken ? {} : shownRun({ ...NOTHING, issuer })
  const actor = isPerson ? null : (shown.actor ?? session?.sourceIdentity ?? null)
  const byService = shownRun({ ...NOTHING, userAgent: serviceBehind(userIdentity?.invokedBy, sourceIPAddress) })
  return {
    shown: { ...shown, ...(actor === null ? {} : { actor }) },
    issuer,
    isProved: fact =>
      (fact === 'tool' && [byProvider.tool, byService.tool].includes(shown.tool)) ||
      (fact === 'host' && byProvider.host !== undefined),
  }
}

/** What a caller in between ran is not what was denied. */
function hopFacts({ by, texts }: IssuedKey): Facts {
  const { client: _, ...shown } = shownRun({ ...NOTHING, ...texts, sessionName: sessionNameIn(by.arn) })
  return { shown, issuer: null, isProved: NEVER }
}

/** A token says what its own provider says; a service names the sessions that it opens. Null: neither began it. */
function begunBy({ type, identityProvider, userName, invokedBy }: UserIdentity, first: IssuedKey | null): Facts | null {
  if (first === null) return null
  const sessionName = sessionNameIn(first.session?.arn ?? null)
  if (type === 'WebIdentityUser') {
    const byHost = shownRun({ ...NOTHING, issuer: identityProvider })
    const byToken = shownRun({ ...NOTHING, issuer: identityProvider, subject: userName })
    const chosen = shownRun({ ...NOTHING, ...first.texts, sessionName })
    const shown = { ...(chosen.tool === byToken.tool ? chosen : {}), ...byToken }
    const isHost = byToken.tool !== undefined && byToken.tool === byHost.tool
    return { shown, issuer: identityProvider, isProved: fact => isHost && fact !== 'person' && fact in byToken }
  }
  const service = type === 'AWSService' ? serviceBehind(invokedBy) : null
  if (service === null) return null
  const shown = shownRun({ ...NOTHING, userAgent: service, sessionName })
  const isItself =
    shown.tool !== undefined &&
    (service === `${shown.tool}.amazonaws.com` || shownRun({ ...NOTHING, userAgent: service }).tool === shown.tool)
  return { shown, issuer: null, isProved: fact => isItself && fact !== 'client' }
}

/** AWS says who began the chain: it checks the token or the assertion before it issues a key. */
function personBehind(
  { userIdentity }: Caller,
  root: UserIdentity | null,
  hops: readonly IssuedKey[],
): RunPerson | null {
  if (root === null || hops.length === 0) return userIdentity === null ? null : personOf(userIdentity)
  const { type, userName, identityProvider } = root
  if (type !== 'SAMLUser' && type !== 'WebIdentityUser') return personOf(root)
  if (userName === null) return null
  if (type === 'SAMLUser') return { name: userName, kind: 'saml', proved: true }
  // The tokens of builds and workloads are nobody's.
  const isTool = shownRun({ ...NOTHING, issuer: identityProvider, subject: userName }).tool !== undefined
  return isTool ? null : { name: userName, kind: 'web-identity', proved: true }
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
  return sessionName === null ? null : runWith(shownRun({ ...NOTHING, sessionName }), null, [], [])
}

const NOTHING = { userAgent: null, sessionName: null, issuer: null, subject: null, tags: null }

function runWith(
  shown: ShownRun,
  person: RunPerson | null,
  proved: readonly RunFact[],
  hops: readonly IssuedKey[],
): Run | null {
  if (Object.keys(shown).length === 0 && person === null && hops.length === 0) return null
  const facts = Object.fromEntries(TEXT_FACTS.map(fact => [fact, shown[fact] ?? null])) as Omit<
    Run,
    'host' | 'person' | 'chain' | 'claimed'
  >
  const run: Omit<Run, 'chain' | 'claimed'> = {
    ...facts,
    ...(shown.host === undefined ? {} : { host: shown.host }),
    person,
  }
  const claimed = RUN_FACTS.filter(fact =>
    fact === 'person' ? person?.proved === false : (run[fact] ?? null) !== null && !proved.includes(fact),
  )
  return { ...run, chain: hops.map(({ id }) => id), claimed }
}

const TEXT_FACTS = RUN_FACTS.filter(fact => fact !== 'host' && fact !== 'person')

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
