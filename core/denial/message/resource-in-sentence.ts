/** The resource of any service that a denial names after its action. */

const ON = /^["'`]{0,3}\s{0,2}on\s{1,2}(?:(?:the\s|this\s)?(resource)\s{0,2}:?\s{0,2})?/i
const QUOTED =
  /^\\?["'`]([^"'`\n]{1,1200}|[^\s"'`]{1,400}(?:\n[^\s"'`]{1,400}){1,4})(?:\\?["'`]|\n["'`](?=\s(?:because|with)\s))/
/** IAM names what it cannot name by ARN: "role deploy", "instance profile web". */
const ENTITY = /^(?:role|user|group|policy|instance profile|server certificate|OIDC provider)\s[^\s"'`,;()]{1,200}/
/** A mask in braces or brackets may hold blanks. */
const WORD = /^(?:[^\s"'`()<>{}[\]]{1,400}|<[^<>\n]{0,60}>|\{[^{}\n]{1,60}\}|\[[^[\]\n]{1,60}\]){1,12}/
/** The sentence goes on behind a broken word. */
const BROKEN = /^((?:\n[^\s"'`()]{1,300}){1,3})(?=\.?(?:\s(?:because\s|with an explicit)|["'`]|\s?\(Service: ))/
/** Without the word "resource", only what is an ARN by itself: "on behalf of" is no resource. */
const ALONE = /^\\?["'`]?(?:arn:|\*)/
/** AWS writes nothing between a name and the reason: a copy has put a blank into the name. */
const REST_OF_NAME = /^ [^\s"'`()]{1,128}(?= because (?:no|the) | with an explicit deny)/
/** How a denial goes on in the next line, so that the one before it is whole. */
const NEXT_LINE = /^\n\s{0,9}(?:because\b|with an?\b|\(|status code\b|[A-Z]+ {1,9}status code\b|["'`])/

/**
 * `name`: without quotes and full stops; null where none is named. It ends with an ellipsis where the line ends with it and the
 * sentence does not go on: a terminal may have cut the rest.
 */
export function resourceInSentence(text: string, from: number): { readonly name: string | null; readonly end: number } {
  const on = ON.exec(text.slice(from, from + 60))
  if (on === null) return { name: null, end: from }
  const start = from + on[0].length
  const after = text.slice(start, start + 1_400)
  if (on[1] === undefined && !ALONE.test(after)) return { name: null, end: from }
  const quoted = QUOTED.exec(after)
  if (quoted !== null) return { name: (quoted[1] ?? '').replaceAll('\n', ''), end: start + quoted[0].length }
  const [word = ''] = ENTITY.exec(after) ?? WORD.exec(after) ?? []
  const broken = BROKEN.exec(after.slice(word.length))
  const length = word.length + (broken?.[0].length ?? 0)
  const behind = after.slice(length)
  const name = named(`${word}${broken?.[1] ?? ''}`)
  const rest = REST_OF_NAME.exec(behind.slice(0, 160))?.[0].length ?? 0
  const isEnd = /^(?:$|\n)/.test(behind) && !NEXT_LINE.test(behind)
  const mayBeCut = name !== null && !name.endsWith('*') && (rest > 0 || isEnd)
  return { name: mayBeCut ? `${name}…` : name, end: start + length + rest }
}

function named(text: string): string | null {
  const name = text.replaceAll('\n', '').replace(/(?<!\.)[.,;]$/, '')
  return name === '' ? null : name
}
