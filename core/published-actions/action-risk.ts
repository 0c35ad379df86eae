/** What a permission is known to lead to, from the tables of escalation paths and harms. */
import { catalog, type EscalationPath, harms, RESOURCE_KINDS } from '../patch/index.ts'

type RequiredAction = EscalationPath['needs'][number]

const MAX_SENTENCES = 2

/** One sentence per known danger of an action, with its source. None: no table names it, which proves nothing. */
export function risksOfAction(action: string): readonly string[] {
  const is = (one: RequiredAction) => one.action.toLowerCase() === action.toLowerCase()
  const all = catalog().filter(({ needs }) => needs.some(is))
  const alone = all.filter(({ needs }) => needs.length === 1)
  const paths = (alone.length > 0 ? alone : all).map(path => escalationSentence(path, is))
  const harmful = harms()
    .filter(({ need }) => is(need))
    .map(
      ({ harmClass, need, does, source }) =>
        `Anyone with this permission may ${filled(does, need)}, which ${CLASSES[harmClass]} (${source}).`,
    )
  return [...harmful, ...paths].slice(0, MAX_SENTENCES)
}

const CLASSES = { blind: 'hides what is done', destroy: 'destroys what nobody can bring back' } as const

function escalationSentence({ needs, does, source }: EscalationPath, is: (one: RequiredAction) => boolean): string {
  const others = needs.filter(one => !is(one)).map(({ action }) => action)
  const together =
    others.length === 0 ? 'Anyone with this permission' : `Anyone with this permission and ${others.join(', ')}`
  return `${together} may ${filled(does, needs[0])}: a known path to more permissions (${source}).`
}

function filled(does: string, { on: [kind] }: RequiredAction): string {
  return does.replaceAll('{it}', () => `the ${RESOURCE_KINDS[kind].label}`).replaceAll('{role}', 'a role')
}
