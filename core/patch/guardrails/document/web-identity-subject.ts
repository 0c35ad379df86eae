import { canonicalJson, never } from '../../../base/index.ts'
import { list, type PolicyDocument, principalsOfType, type Statement, type ValueAdded } from '../../../iam/index.ts'
import { diffDocuments } from '../../document-diff.ts'
import { changesTrust } from '../../patch.ts'
import {
  admitsNoMore,
  parseTokenSubject,
  presenters,
  type TokenSource,
  type TokenSubject,
} from '../../token-subject.ts'
import { type Finding, type Guardrail, PASS, refuse, warn, worst } from '../guardrail.ts'

/**
 * Anyone can present a token of a public identity provider and so cause a denial. A new subject is added only if the role
 * already trusts one of the same owner. Two people approve if this admits anyone who could not enter before.
 */
export const webIdentitySubject: Guardrail = {
  id: 'web-identity-subject',
  check: ({ patch }) =>
    worst(
      patch.changes.filter(changesTrust).flatMap(({ before, after, target }) => {
        const { added, extended } = diffDocuments(before, after)
        return [
          ...extended.map(one => checkValue(one, target.name)),
          ...added.filter(isFederated).map(one => checkStatement(one, before, target.name)),
        ]
      }),
    ),
}

const isSubject = (key: string): boolean => /:sub$/i.test(key)
const isAudience = (key: string): boolean => /:aud$/i.test(key)

type Claimed = { readonly operator: string; readonly key: string; readonly values: readonly string[] }

function checkValue(
  { statement, operator, key, values }: ValueAdded & { statement: Statement },
  role: string,
): Finding {
  if (isAudience(key)) {
    const subjects = claimsOf(statement).filter(one => isSubject(one.key))
    return audience(
      role,
      values,
      subjects.flatMap(one => one.values),
    )
  }
  if (!isSubject(key)) return PASS
  const present = list(statement.Condition?.[operator]?.[key])
    .map(String)
    .filter(value => !values.includes(value))
  return worst(values.map(value => subject(value, present, operator, role)))
}

/** For a separate statement for a token: the role must already trust its subject with this provider. */
function checkStatement(statement: Statement, before: PolicyDocument | null, role: string): Finding {
  const claims = claimsOf(statement)
  const subjects = claims.filter(({ key }) => isSubject(key))
  if (subjects.length === 0)
    return refuse(`${role} would trust every token of an identity provider.`, `owner of ${role}`)
  const trusting = (before?.Statement ?? []).filter(
    one => one.Effect === 'Allow' && federated(one).some(name => federated(statement).includes(name)),
  )
  const known = trusting.flatMap(claimsOf)
  const subjectsIn = (some: readonly Claimed[]) => some.filter(({ key }) => isSubject(key)).flatMap(one => one.values)
  const present = subjectsIn(known)
  // Who must meet a condition more could not enter as this statement lets in.
  const limits = otherTests(statement)
  const entering = trusting.filter(one => otherTests(one).every(test => limits.includes(test)))
  const free = subjectsIn(entering.flatMap(claimsOf))
  const accepted = known.filter(({ key }) => isAudience(key)).flatMap(({ values }) => values)
  const audiences = claims.filter(({ key }) => isAudience(key)).flatMap(({ values }) => values)
  const others = audiences.filter(value => !accepted.includes(value))
  return worst([
    ...subjects.flatMap(({ values, operator }) => values.map(value => subject(value, present, operator, role, free))),
    ...(others.length === 0
      ? []
      : [
          audience(
            role,
            others,
            subjects.flatMap(({ values }) => values),
          ),
        ]),
  ])
}

const federated = (statement: Statement): readonly string[] => principalsOfType(statement, 'Federated')
const isFederated = (statement: Statement): boolean => federated(statement).length > 0

const otherTests = (statement: Statement): readonly string[] =>
  claimsOf(statement)
    .filter(({ key }) => !isSubject(key) && !isAudience(key))
    .map(({ operator, key, values }) => canonicalJson([operator, key.toLowerCase(), values]))

const claimsOf = ({ Condition = {} }: Statement): readonly Claimed[] =>
  Object.entries(Condition).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, value]) => ({ operator, key, values: list(value).map(String) })),
  )

function audience(role: string, values: readonly string[], subjects: readonly string[]): Finding {
  const who = subjects.map(parseTokenSubject).flatMap(one => (one === null ? [] : [presenters(one)]))
  const them = who.length === 0 ? 'Anybody whom the other conditions admit' : capitalized(who.join(' or '))
  const tokens = `a token for the audience ${values.join(', ')}`
  return warn(`${them} could assume ${role} with ${tokens}, which it does not accept now.`, 'elevated')
}

/** `entering`: the subjects that are let in under no other conditions than the value. */
function subject(
  value: string,
  present: readonly string[],
  operator: string,
  role: string,
  entering: readonly string[] = present,
): Finding {
  if (entering.includes(value)) return PASS
  const foreign = refuse(`${value} does not belong to an owner that ${role} already trusts.`, `owner of ${role}`)
  const added = parseTokenSubject(value)
  if (added === null) return foreign
  const known = present.flatMap(text => {
    const parsed = parseTokenSubject(text)
    return parsed === null ? [] : [{ ...parsed, text }]
  })
  // If only the ids are trusted, somebody else may own the name by now.
  const ofOwner = known.filter(one => one.owner === added.owner && (one.ids === null || one.ids === added.ids))
  if (ofOwner.length === 0 || isAnotherOwner(added, known)) return foreign
  const could = `${capitalized(presenters(added))} could assume ${role}`
  const ofProject = ofOwner.filter(one => one.project === '*' || one.project === added.project)
  if (ofProject.length === 0)
    return warn(`${could}: ${role} trusts no token of this ${added.unit} of ${added.owner} yet.`, 'elevated')
  if (!ofProject.some(one => entering.includes(one.text) && admitsNoMore(one, added)))
    return warn(
      `${could}, which now trusts only ${ofProject.map(one => pinned(one.source)).join(' and ')}.`,
      'elevated',
    )
  if (/IgnoreCase/i.test(operator) && hasTwin(added))
    return warn(`${could}, also with the name in another case, because ${operator} ignores case.`, 'elevated')
  return added.ids !== null && ofProject.every(one => one.ids === null)
    ? warn(`${value} has ids that the trust policy does not contain yet: check that they are yours.`)
    : PASS
}

/** True when the name is trusted with another id, so somebody else owns the name now. */
function isAnotherOwner({ owner, ids }: TokenSubject, known: readonly TokenSubject[]): boolean {
  const idOf = (text: string) => text.split('/')[0]
  const pinnedIds = known.flatMap(one => (one.owner === owner && one.ids !== null ? [idOf(one.ids)] : []))
  return ids !== null && pinnedIds.length > 0 && !pinnedIds.includes(idOf(ids))
}

/** Kubernetes names have no capital letters. */
const hasTwin = ({ unit }: TokenSubject): boolean => unit === 'project'

const capitalized = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`

function pinned({ kind, name, workflow }: TokenSource): string {
  const through = workflow === null ? '' : `${kind === 'any' ? '' : ' with '}the workflow ${workflow}`
  switch (kind) {
    case 'branch':
    case 'tag':
    case 'environment':
      return `the ${kind} ${name}${through}`
    case 'service-account':
      return `the service account ${name}`
    case 'run':
      return `the run ${name}`
    case 'pull-request':
      return `pull requests${through}`
    case 'any':
      return through
    case 'other':
      return `${name}${through}`
    default:
      return never(kind)
  }
}
