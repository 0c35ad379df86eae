import { list, type Statement } from '../../../iam/policy/policy-document.ts'
import type { ValueAdded } from '../../../iam/policy/value-added.ts'
import { difference } from '../../additions.ts'
import { changesTrust } from '../../patch.ts'
import { type Subject, subjectOf } from '../../subject.ts'
import { type Finding, type Guardrail, PASS, refuse, warn, worst } from '../guardrail.ts'

/**
 * Anybody can present a token of a public identity provider, and so cause a denial: a new subject is added only beside one of
 * the same owner.
 */
export const webIdentitySubject: Guardrail = {
  id: 'web-identity-subject',
  check: ({ patch }) =>
    worst(
      patch.changes
        .filter(changesTrust)
        .flatMap(({ before, after, target }) =>
          difference(before, after).grown.map(grown => check(grown, target.name)),
        ),
    ),
}

function check(grown: ValueAdded & { readonly statement: Statement }, role: string): Finding {
  const { statement, operator, key, values } = grown
  if (/:aud$/i.test(key)) return warn(`${role} would accept the audience ${values.join(', ')}.`, 'elevated')
  if (!/:sub$/i.test(key)) return PASS
  const present = list(statement.Condition?.[operator]?.[key])
    .map(String)
    .filter(value => !values.includes(value))
  const known = present.map(subjectOf).filter(subject => subject !== null)
  return worst(values.map(value => compared(value, known, role)))
}

function compared(value: string, known: readonly Subject[], role: string): Finding {
  const subject = subjectOf(value)
  // A name that is trusted by its ids alone may be somebody else's by now.
  const ofOwner = known.filter(
    one => subject !== null && one.owner === subject.owner && (one.ids === null || one.ids === subject.ids),
  )
  if (subject === null || ofOwner.length === 0 || isAnotherOwner(subject, known))
    return refuse(`${value} does not belong to an owner that ${role} trusts already.`, `owner of ${role}`)
  const ofProject = ofOwner.filter(one => one.project === '*' || one.project === subject.project)
  if (ofProject.length === 0)
    return warn(`${role} would trust ${subject.project}, another ${subject.unit} of ${subject.owner}.`, 'elevated')
  return subject.ids !== null && ofProject.every(one => one.ids === null)
    ? warn(`${value} carries ids that the trust policy does not show yet: check that they are yours.`)
    : PASS
}

/** Under a name that is trusted, with an id that is not the one trusted for it: the name has passed to somebody else. */
function isAnotherOwner({ owner, ids }: Subject, known: readonly Subject[]): boolean {
  const idOf = (text: string) => text.split('/')[0]
  const pinned = known.flatMap(one => (one.owner === owner && one.ids !== null ? [idOf(one.ids)] : []))
  return ids !== null && pinned.length > 0 && !pinned.includes(idOf(ids))
}
