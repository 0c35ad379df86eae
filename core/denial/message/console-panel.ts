/**
 * A denial as AWS's console shows it, to be copied for an administrator: one fact in a line, or all in one line where a browser
 * copied it without its breaks. https://cloudscape.design/patterns/genai/genai-loading-states/
 */
import { actionWithOrWithoutPrefix } from '../../actions/index.ts'
import { type DenialSentence, NOTHING_NAMED, reasonInContext, sentenceText } from './message-grammar.ts'
import { roleInTextAt } from './role-in-sentence.ts'

export const PANEL_WORD = 'Action: '

const MAX_BEFORE_CHARS = 760
const MAX_AFTER_CHARS = 1_400
const USER = /^User: ?\[?(arn:[^\s\]]{1,600}?)\]?\s{0,3}(?:Service: ?\[?[A-Za-z0-9-]{2,40}\]?\s{0,3})?$/
const ACTION =
  /^Action: ?\[?([a-z0-9-]{2,40}:[A-Za-z]{2,80}?|[A-Za-z]{2,80}?)\]?\s{0,3}(?=On resource\(s\): |Context: )/
const RESOURCE = /^On resource\(s\): ?\[?/
const CONTEXT = /Context: ?\[?([^\n\]]{1,160})/

/** With its word at `at`. Null where it is another list, or of another action. */
export function panelAt(text: string, at: number): DenialSentence | null {
  const after = text.slice(at, at + MAX_AFTER_CHARS)
  const [words, name] = ACTION.exec(after) ?? []
  const action = actionWithOrWithoutPrefix(name)
  if (words === undefined || action === null) return null
  const before = text.slice(Math.max(0, at - MAX_BEFORE_CHARS), at)
  const user = USER.exec(before.slice(Math.max(0, before.lastIndexOf('User: '))))
  const context = CONTEXT.exec(after)
  if (user === null || context === null) return null
  const named = RESOURCE.exec(after.slice(words.length))?.[0] ?? null
  const resource = named === null ? '' : after.slice(words.length + named.length, context.index)
  const role = resource === '' ? NOTHING_NAMED : roleInTextAt(resource, 0, resource.length)
  const [start, end] = [at - user[0].length, at + context.index + context[0].length]
  return {
    ...NOTHING_NAMED,
    ...{ action, subject: user[1] ?? null, resource: role.resource, unread: role.unread },
    ...{ reason: reasonInContext(context[1] ?? ''), start, end, text: sentenceText(text.slice(start, end)) },
  }
}
