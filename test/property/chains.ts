/** Chains of CloudTrail records from the one who began them to a denied call, and ways in which such a chain can lie. */
import fc from 'fast-check'

type Members = { readonly [name: string]: unknown }
export type TrailRecord = Members & { readonly eventID: string }

export const BEGINNERS = [
  ...['user', 'user-session', 'federation', 'saml', 'people-token', 'build-token'],
  ...['identity-center', 'service', 'root'],
] as const
export type Beginner = (typeof BEGINNERS)[number]

export const LIES = [
  ...['missing', 'key-of-another', 'two-records', 'other-account', 'recycled-name', 'refused', 'later', 'too-old'],
  ...['one-side', 'shared-id', 'other-session', 'no-key'],
] as const
export type Lie = (typeof LIES)[number]

export type Chain = {
  readonly beginner: Beginner
  readonly name: string
  readonly denied: TrailRecord
  /** The records that issued the keys, newest first, as the calling side has them. */
  readonly issued: readonly string[]
  readonly records: readonly TrailRecord[]
}

const HOME = '111122223333'
const OTHERS = ['222233334444', '333344445555', '444455556666'] as const
const START_MS = Date.parse('2026-11-29T09:00:00Z')
const GITHUB = `arn:aws:iam::${HOME}:oidc-provider/token.actions.githubusercontent.com`
export const SAML_PROVIDER = `arn:aws:iam::${HOME}:saml-provider/okta`
export const PEOPLE_ISSUER = `arn:aws:iam::${HOME}:oidc-provider/acme.okta.com`

const at = (minute: number): string => new Date(START_MS + minute * 60_000).toISOString().replace('.000', '')
const keyOf = (kind: 'AKIA' | 'ASIA', number: number): string => `${kind}EXAMPLE${String(number).padStart(9, '0')}`

const session = (account: string, role: string, id: string, name: string, key: string, path = '/'): Members => ({
  type: 'AssumedRole',
  principalId: `${id}:${name}`,
  arn: `arn:aws:sts::${account}:assumed-role/${role}/${name}`,
  accountId: account,
  accessKeyId: key,
  sessionContext: {
    sessionIssuer: { type: 'Role', principalId: id, arn: `arn:aws:iam::${account}:role${path}${role}`, userName: role },
    attributes: { creationDate: at(0), mfaAuthenticated: 'false' },
  },
})

const user = (name: string, key: string): Members => ({
  ...{ type: 'IAMUser', principalId: `AIDAEXAMPLE${name.toUpperCase()}`, userName: name, accountId: HOME },
  ...{ arn: `arn:aws:iam::${HOME}:user/${name}`, accessKeyId: key },
})

const sts = (id: string, minute: number, account: string, eventName: string, userIdentity: Members): TrailRecord => ({
  ...{ eventVersion: '1.09', eventID: id, eventTime: at(minute), eventSource: 'sts.amazonaws.com', eventName },
  ...{ awsRegion: 'eu-central-1', sourceIPAddress: '203.0.113.7', userAgent: 'aws-cli/2.31.0', userIdentity },
  ...{ recipientAccountId: account, requestParameters: {}, requestID: `request-${id}` },
})

const roleResponse = (account: string, role: string, id: string, name: string, key: string): Members => ({
  credentials: { accessKeyId: key, expiration: 'Nov 30, 2026, 9:00:00 PM', sessionToken: 'token' },
  assumedRoleUser: { assumedRoleId: `${id}:${name}`, arn: `arn:aws:sts::${account}:assumed-role/${role}/${name}` },
})

type Begun = { readonly caller: Members; readonly records: readonly TrailRecord[]; readonly issued: readonly string[] }

function begun(beginner: Beginner, name: string, sessionName: string): Begun {
  const key = keyOf('ASIA', 1)
  const first = (eventName: string, by: Members, response: Members): TrailRecord => ({
    ...sts('event-begin', 0, HOME, eventName, by),
    responseElements: response,
  })
  const toRole = (eventName: string, by: Members, named = sessionName, requestParameters: Members = {}): Begun => ({
    caller: session(HOME, 'entry', 'AROAENTRY', named, key),
    records: [{ ...first(eventName, by, roleResponse(HOME, 'entry', 'AROAENTRY', named, key)), requestParameters }],
    issued: ['event-begin'],
  })
  const credentials = { accessKeyId: key, expiration: 'Nov 30, 2026, 9:00:00 PM', sessionToken: 'token' }
  const own = user(name, keyOf('AKIA', 0))
  switch (beginner) {
    case 'user':
      return { caller: own, records: [], issued: [] }
    case 'user-session':
      return {
        caller: user(name, key),
        records: [first('GetSessionToken', own, { credentials })],
        issued: ['event-begin'],
      }
    case 'federation': {
      const arn = `arn:aws:sts::${HOME}:federated-user/${sessionName}`
      const federatedUser = { federatedUserId: `${HOME}:${sessionName}`, arn }
      return {
        caller: {
          type: 'FederatedUser',
          principalId: `${HOME}:${sessionName}`,
          arn,
          accountId: HOME,
          accessKeyId: key,
        },
        records: [first('GetFederationToken', own, { credentials, federatedUser })],
        issued: ['event-begin'],
      }
    }
    case 'saml':
      return toRole(
        'AssumeRoleWithSAML',
        { type: 'SAMLUser', principalId: `hash:${name}`, userName: name, identityProvider: 'hash' },
        sessionName,
        { principalArn: SAML_PROVIDER },
      )
    case 'people-token':
      return toRole('AssumeRoleWithWebIdentity', {
        ...{
          type: 'WebIdentityUser',
          principalId: `${PEOPLE_ISSUER}:aud:${name}`,
          userName: name,
          identityProvider: PEOPLE_ISSUER,
        },
      })
    case 'build-token': {
      const subject = `repo:acme/${name}:ref:refs/heads/main`
      return toRole(
        'AssumeRoleWithWebIdentity',
        {
          ...{ type: 'WebIdentityUser', principalId: `${GITHUB}:sts.amazonaws.com:${subject}` },
          ...{ userName: subject, identityProvider: GITHUB },
        },
        'GitHubActions',
      )
    }
    case 'identity-center': {
      const role = 'AWSReservedSSO_Dev_0123456789abcdef'
      const path = '/aws-reserved/sso.amazonaws.com/eu-central-1/'
      return { caller: session(HOME, role, 'AROASSO', name, key, path), records: [], issued: [] }
    }
    case 'service':
      return toRole('AssumeRole', { type: 'AWSService', invokedBy: 'codebuild.amazonaws.com' }, `AWSCodeBuild-${BUILD}`)
    case 'root':
      return {
        caller: {
          ...{ type: 'Root', principalId: HOME, arn: `arn:aws:iam::${HOME}:root`, accountId: HOME },
          accessKeyId: keyOf('AKIA', 0),
        },
        ...{ records: [], issued: [] },
      }
  }
}
const BUILD = '0123abcd-0123-4567-89ab-0123456789ab'

function withHop({ caller, records, issued }: Begun, hop: number, account: string, sessionName: string): Begun {
  const [key, role, id] = [keyOf('ASIA', 100 + hop), `hop-${hop}`, `AROAHOP${hop}`]
  const from = String(caller['accountId'] ?? HOME)
  const [eventID, minute] = [`event-hop-${hop}`, 10 + hop * 10]
  const responseElements = roleResponse(account, role, id, sessionName, key)
  const sharedEventID = `shared-${hop}`
  const asked = { ...sts(eventID, minute, from, 'AssumeRole', caller), responseElements }
  const outside = { type: 'AWSAccount', principalId: caller['principalId'], accountId: from }
  const seen = {
    ...sts(`${eventID}-role-side`, minute, account, 'AssumeRole', outside),
    ...{ responseElements, sharedEventID },
  }
  return {
    caller: session(account, role, id, sessionName, key),
    records: [...(from === account ? [asked] : [{ ...asked, sharedEventID }, seen]), ...records],
    issued: [eventID, ...issued],
  }
}

/** Session names that look like somebody or something else. */
const NAMES = [
  'mallory',
  'jane@example.com',
  'GitHubActions',
  'AWSCodeBuild-1',
  'terraform-run-h7rD1XcGWxHMDCG7',
  'ada',
]
const AGENTS = ['aws-cli/2.31.0', 'exec-env/GitHubActions md/run_id#1234', 'APN/1.0 HashiCorp/1.0 Terraform/1.9.0']

export const honest = (longest: number): fc.Arbitrary<Chain> =>
  fc
    .record({
      beginner: fc.constantFrom(...BEGINNERS),
      name: fc.constantFrom('ada', 'grace', 'linus', 'kim'),
      names: fc.array(fc.constantFrom(...NAMES), { minLength: 6, maxLength: 6 }),
      accounts: fc.array(fc.constantFrom(HOME, ...OTHERS), { maxLength: longest }),
      userAgent: fc.constantFrom(...AGENTS),
      sourceIdentity: fc.option(fc.constantFrom(...NAMES), { nil: undefined }),
      noise: fc.nat({ max: 5 }),
    })
    .chain(({ beginner, name, names, accounts, userAgent, sourceIdentity, noise }) => {
      const whole = accounts.reduce<Begun>(
        (so, account, hop) => withHop(so, hop, account, names[hop] ?? 'x'),
        begun(beginner, name, names[5] ?? 'x'),
      )
      const denied = {
        ...sts(
          'event-denied',
          90,
          String(whole.caller['accountId']),
          'AssumeRole',
          withSource(whole.caller, sourceIdentity),
        ),
        ...{ errorCode: 'AccessDenied', userAgent, requestParameters: null, responseElements: null },
        errorMessage: `User: ${whole.caller['arn']} is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::${HOME}:role/target`,
      }
      const others = Array.from({ length: noise }, (_, index) => stranger(index, whole.caller))
      return fc
        .shuffledSubarray([...whole.records, ...whole.records, ...others], {
          minLength: whole.records.length * 2 + noise,
        })
        .map(records => ({ beginner, name, denied, issued: whole.issued, records }))
    })

const withSource = (caller: Members, sourceIdentity: string | undefined): Members =>
  sourceIdentity === undefined
    ? caller
    : { ...caller, sessionContext: { ...(caller['sessionContext'] as Members), sourceIdentity } }

/** Another session of the same role, with the same session name, of somebody else. */
function stranger(index: number, caller: Members): TrailRecord {
  const [, role = 'other', name = 'other'] = String(caller['arn']).split('/')
  const id = String(caller['principalId']).split(':')[0] ?? ''
  return {
    ...sts(`event-stranger-${index}`, 20 + index, HOME, 'AssumeRole', user('mallory', keyOf('AKIA', 9))),
    responseElements: roleResponse(String(caller['accountId']), role, id, name, keyOf('ASIA', 500 + index)),
  }
}

/** A chain with one lie about its newest record: the one who is behind the call cannot be proved any more. */
export const forged: fc.Arbitrary<Chain & { readonly lie: Lie }> = fc
  .tuple(
    honest(3).filter(
      ({ issued, denied }) => issued.length > 0 && (denied['userIdentity'] as Members)['type'] === 'AssumedRole',
    ),
    fc.constantFrom(...LIES),
  )
  .map(([chain, lie]) => ({ ...chain, ...lied(chain, lie), lie }))

function lied({ denied, records, issued }: Chain, lie: Lie): Pick<Chain, 'denied' | 'records'> {
  const [newest = ''] = issued
  const isNewest = (one: TrailRecord): boolean => one.eventID === newest || one.eventID === `${newest}-role-side`
  const mallory = user('mallory', keyOf('AKIA', 9))
  const change = (how: (one: TrailRecord) => TrailRecord) => ({
    denied,
    records: records.map(one => (isNewest(one) ? how(one) : one)),
  })
  const respond = (one: TrailRecord, changed: Members): TrailRecord => ({
    ...one,
    responseElements: { ...(one['responseElements'] as Members), ...changed },
  })
  const user_ = (one: TrailRecord) => (one['responseElements'] as Members)['assumedRoleUser'] as Members
  switch (lie) {
    case 'missing':
      return { denied, records: records.filter(one => !isNewest(one)) }
    case 'key-of-another':
      return change(one => respond(one, { credentials: { accessKeyId: keyOf('ASIA', 999) } }))
    case 'two-records': {
      const found = records.find(one => one.eventID === newest)
      const second = { ...found, eventID: 'event-second', userIdentity: mallory } as TrailRecord
      return { denied, records: [second, ...records] }
    }
    case 'other-account':
      return change(one => {
        const arn = String(user_(one)['arn']).replace(/\d{12}/, '999988887777')
        return respond(one, { assumedRoleUser: { ...user_(one), arn } })
      })
    case 'recycled-name':
      return change(one => {
        const name = String(user_(one)['assumedRoleId']).split(':')[1]
        return respond(one, { assumedRoleUser: { ...user_(one), assumedRoleId: `AROARECYCLED:${name}` } })
      })
    case 'refused':
      return change(one => ({ ...one, errorCode: 'AccessDenied', responseElements: null }))
    case 'later':
      return change(one => ({ ...one, eventTime: at(95) }))
    case 'too-old':
      return change(one => ({ ...one, eventTime: at(-40 * 60) }))
    case 'one-side': {
      const caller = records.find(one => one.eventID === newest)?.['userIdentity'] as Members
      const outside = { type: 'AWSAccount', principalId: caller['principalId'], accountId: '222233334444' }
      return change(one => ({ ...one, userIdentity: outside }))
    }
    case 'shared-id': {
      const found = records.find(one => one.eventID === newest)
      const outside = { type: 'AWSAccount', principalId: 'AROAOTHER:mallory', accountId: '999988887777' }
      const second = { ...found, eventID: 'event-second', userIdentity: outside, sharedEventID: 'shared-other' }
      return { denied, records: [second as TrailRecord, ...records] }
    }
    case 'other-session':
      return change(one =>
        respond(one, { assumedRoleUser: { ...user_(one), arn: `${user_(one)['arn']}-other`.slice(0, 200) } }),
      )
    case 'no-key': {
      const { accessKeyId: _, ...without } = denied['userIdentity'] as Members
      return { denied: { ...denied, userIdentity: without }, records }
    }
  }
}
