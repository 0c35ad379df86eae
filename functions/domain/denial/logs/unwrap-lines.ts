import { neutralText } from '../../base/neutral-text.ts'
import { parseRoleArn } from '../../iam/arn.ts'
import { type DenialSentence, type ReadMessage, readMessage } from '../message/message-grammar.ts'

/** A line break within an ARN, with what a frame puts around it: a terminal that wraps breaks long names where its edge is. */
const BREAK_IN_ARN = /(arn:aws[^\s"'`│|]{0,700})[ \t]{0,8}[│|]?[ \t]{0,200}\r?\n[ \t]{0,8}[│|]?[ \t]{0,8}(?=[^\s│|])/g
const MAX_BREAKS = 4

/**
 * Reads a text from a screen, whose lines may be wrapped. A break usually stands between two words; it is taken as within a
 * name only where the sentence then reads right and otherwise does not.
 */
export function readScreen(screen: string): ReadMessage {
  // A log in JSON shows its line breaks as two characters.
  const text = screen.replace(/\\[nrt]/g, ' ')
  const plain = readMessage(neutralText(text))
  if (plain.kind !== 'ours' || !text.includes('\n')) return plain
  let whole = text
  for (let breaks = 0; breaks < MAX_BREAKS; breaks += 1) {
    const joined = whole.replace(BREAK_IN_ARN, '$1')
    if (joined === whole) return plain
    const read = readMessage(neutralText(joined))
    if (read.kind === 'ours' && readsBetter(read.sentence, plain.sentence)) return read
    whole = joined
  }
  return plain
}

function readsBetter(joined: DenialSentence, plain: DenialSentence): boolean {
  if (joined.action !== plain.action || joined.resource === null) return false
  const subjectBroken = plain.subject?.startsWith('arn:') === true && /^[^<]+ /.test(plain.subject)
  if (subjectBroken) return joined.subject === plain.subject?.replaceAll(' ', '')
  const resourceBroken = plain.resource === null || parseRoleArn(plain.resource) === null
  if (resourceBroken) return parseRoleArn(joined.resource) !== null
  // Without the rest of the name before it, the reason is not found.
  return (
    joined.resource.startsWith(plain.resource ?? '') && plain.reason === 'none-given' && joined.reason !== 'none-given'
  )
}
