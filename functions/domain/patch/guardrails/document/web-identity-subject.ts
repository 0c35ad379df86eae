import { list, type Statement } from '../../../iam/policy/policy-document.ts'
import type { ValueAdded } from '../../../iam/policy/value-added.ts'
import { diffDocuments } from '../../document-diff.ts'
import { changesTrust } from '../../patch.ts'
import { parseTokenSubject, type TokenSubject } from '../../token-subject.ts'
import { type Finding, type Guardrail, PASS, refuse, warn, worst } from '../guardrail.ts'

/**
 * Anybody can present a token of a public identity provider and so cause a denial. A new subject is added only if the role
 * already trusts one of the same owner.
 */
export const webIdentitySubject: Guardrail = {
  id: 'web-identity-subject',
  check: ({ patch }) =>
    worst(
      patch.changes
        .filter(changesTrust)
        .flatMap(({ before, after, target }) =>
          diffDocuments(before, after).extended.map(extended => check(extended, target.name)),
        ),
    ),
}

function check(extended: ValueAdded & { readonly statement: Statement }, role: string): Finding {
  const { statement, operator, key, values } = extended
  if (/:aud$/i.test(key)) return warn(`${role} would accept the audience ${values.join(', ')}.`, 'elevated')
  if (!/:sub$/i.test(key)) return PASS
  const present = list(statement.Condition?.[operator]?.[key])
    .map(String)
    .filter(value => !values.includes(value))
  const known = present.map(parseTokenSubject).filter(subject => subject !== null)
  return worst(values.map(value => compared(value, known, role)))
}

function compared(value: string, known: readonly TokenSubject[], role: string): Finding {
  const subject = parseTokenSubject(value)
  // If only the ids are trusted, the name may belong to somebody else by now.
  const ofOwner = known.filter(
    one => subject !== null && one.owner === subject.owner && (one.ids === null || one.ids === subject.ids),
  )
  if (subject === null || ofOwner.length === 0 || isAnotherOwner(subject, known))
    return refuse(`${value} does not belong to an owner that ${role} already trusts.`, `owner of ${role}`)
  const ofProject = ofOwner.filter(one => one.project === '*' || one.project === subject.project)
  if (ofProject.length === 0)
    return warn(`${role} would trust ${subject.project}, another ${subject.unit} of ${subject.owner}.`, 'elevated')
  return subject.ids !== null && ofProject.every(one => one.ids === null)
    ? warn(`${value} has ids that the trust policy does not contain yet: check that they are yours.`)
    : PASS
}

/** The name is trusted with another id: the name now belongs to somebody else. */
function isAnotherOwner({ owner, ids }: TokenSubject, known: readonly TokenSubject[]): boolean {
  const idOf = (text: string) => text.split('/')[0]
  const pinned = known.flatMap(one => (one.owner === owner && one.ids !== null ? [idOf(one.ids)] : []))
  return ids !== null && pinned.length > 0 && !pinned.includes(idOf(ids))
}
