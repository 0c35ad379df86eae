/** The name of any action in a sentence. A terminal may have broken it at its edge, or cut the rest of the line. */
import { isPartOfAction, isPublishedService, publishedAction } from '../../service-actions/index.ts'

const PART = /^[A-Za-z0-9:-]{1,200}/
const ACTION = /^[A-Za-z0-9-]{1,64}:[A-Za-z0-9]{1,128}$/
/** How a denial goes on behind its action. */
const GOES_ON = /^\s{0,20}(?:["'`*.,;)]|(?:on|because|with|action|status code)\b|\()/
/** AWS's own end of the name, where a broken name has no other proof. */
const ENDS_NAME = /^["'`]{0,3}\s(?:on\s|because\s|with an?\s|action\b)/
const LEFT_OUT = /^(?:…|\.{2,3}|\*)/

/** `name`: null where its end is cut off, or may be. `service`: the prefix, where it is whole. */
export type NamedAction = { readonly name: string | null; readonly service: string | null; readonly end: number }

/** Null: no name starts here. */
export function actionInSentence(text: string, from: number): NamedAction | null {
  const rest = text.slice(from, from + 500)
  const first = PART.exec(rest)?.[0] ?? ''
  if (first === '') return null
  const behind = rest.slice(first.length)
  const name = first.replace(/:$/, '')
  const [prefix = ''] = first.split(':')
  const service = first.includes(':') && isPublishedService(prefix) ? prefix.toLowerCase() : null
  const found = (whole: string | null, length: number): NamedAction => ({ name: whole, service, end: from + length })
  if (LEFT_OUT.test(behind)) return ACTION.test(first) ? found(null, first.length) : null
  // A copy can have a blank inside a word.
  const isBroken = behind.startsWith(' ') && !GOES_ON.test(behind) && service !== null && publishedAction(name) === null
  if (behind !== '' && !behind.startsWith('\n') && !isBroken) return ACTION.test(name) ? found(name, name.length) : null
  const second = PART.exec(behind.slice(1))?.[0] ?? ''
  const joined = `${first}${second}`.replace(/:$/, '')
  if (second !== '' && isWhole(joined, behind)) return found(joined, joined.length + 1)
  if (!ACTION.test(name)) return first.includes(':') || isPartOfAction(first) ? found(null, first.length) : null
  if (behind !== '' && GOES_ON.test(behind)) {
    const isKnown = publishedAction(name) !== null || !isPublishedService(prefix)
    return found(isKnown ? name : null, name.length)
  }
  const isCut = isPartOfAction(name) && isAtEdge(text, from + first.length)
  return found(publishedAction(name) !== null && !isCut ? name : null, name.length)
}

/** Whether a terminal may have cut or broken the line that ends here: no other line is longer. */
function isAtEdge(text: string, end: number): boolean {
  const length = end - (text.lastIndexOf('\n', end - 1) + 1)
  const others = [text.slice(Math.max(0, end - length - AROUND), end - length), text.slice(end + 1, end + AROUND)]
  const lengths = others.flatMap(part => part.split('\n').map(line => line.length)).filter(each => each > 0)
  return lengths.length > 0 && Math.max(...lengths) <= length
}

/** Characters of the lines before and behind. */
const AROUND = 10_000

/** `behind`: from the line break on. */
function isWhole(name: string, behind: string): boolean {
  if (!ACTION.test(name)) return false
  const [prefix = ''] = name.split(':')
  if (isPublishedService(prefix)) return publishedAction(name) !== null
  return !GOES_ON.test(behind) && ENDS_NAME.test(behind.replace(/^\n[A-Za-z0-9:-]{1,200}/, ''))
}

/**
 * One action of the two names in a sentence: what was to be performed, and what a policy would have to allow. The longer one, if
 * the other is its beginning. A call may need a permission of another service, which only the second names. Null: they disagree.
 */
export function oneAction(performed: string | null, allowed: string | null): string | null {
  if (performed === null || allowed === null) return performed ?? allowed
  const [a, b] = [performed.toLowerCase(), allowed.toLowerCase()]
  if (a === b) return performed
  const [short, long] = a.length < b.length ? [a, b] : [b, a]
  if (long.startsWith(short)) return publishedAction(long)
  const isOfOther = a.split(':')[0] !== b.split(':')[0]
  return isOfOther && publishedAction(performed) !== null ? publishedAction(allowed) : null
}
