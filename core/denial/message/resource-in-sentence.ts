/** The resource of any service that a denial names after its action. */

const ON = /^["'`]{0,3}\s{0,2}on\s{1,2}(?:(?:the\s|this\s)?resource\s{0,2}:?\s{0,2})?/i
const QUOTED = /^\\?["'`]([^"'`]{1,1200}?)\\?["'`]/
/** IAM names what it cannot name by ARN: "role deploy", "instance profile web". */
const ENTITY = /^(?:role|user|group|policy|instance profile|server certificate|OIDC provider)\s[^\s"'`,;()]{1,200}/
/** A mask in braces or brackets may hold blanks. */
const WORD = /^(?:[^\s"'`()<>{}[\]]{1,400}|<[^<>\n]{1,60}>|\{[^{}\n]{1,60}\}|\[[^[\]\n]{1,60}\]){1,12}/
/** The sentence goes on behind a broken word. */
const BROKEN = /^\n([^\s"'`()]{1,300})(?=\.?(?:\s(?:because\s|with an explicit)|["'`]|\s?\(Service: ))/

/** `name`: without quotes and full stops; null where none is named. */
export function resourceInSentence(text: string, from: number): { readonly name: string | null; readonly end: number } {
  const on = ON.exec(text.slice(from, from + 60))
  if (on === null) return { name: null, end: from }
  const start = from + on[0].length
  const rest = text.slice(start, start + 1_400)
  const quoted = QUOTED.exec(rest)
  if (quoted !== null) return { name: (quoted[1] ?? '').replaceAll('\n', ''), end: start + quoted[0].length }
  const [word = ''] = ENTITY.exec(rest) ?? WORD.exec(rest) ?? []
  const broken = BROKEN.exec(rest.slice(word.length))
  return { name: named(`${word}${broken?.[1] ?? ''}`), end: start + word.length + (broken?.[0].length ?? 0) }
}

function named(text: string): string | null {
  const name = text.replaceAll('\n', '').replace(/(?<!\.)[.,;]$/, '')
  return name === '' ? null : name
}
