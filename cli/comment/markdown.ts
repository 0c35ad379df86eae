/**
 * Untrusted text in Markdown, where a name could mention people, close a merge request or create a link. Escaping does not
 * help, because GitHub and GitLab still find mentions. Everything but plain words becomes code, which they do not scan.
 */
import { neutralText } from '../../functions/domain/base/neutral-text.ts'

const PLAIN_WORD = /^["'(]*[\p{L}\p{N}][\p{L}\p{N}'’-]*["').,;:]*$/u
const AFTER_WORD = /[.,;:)]*$/

export function inlineCode(text: string): string {
  const plain = neutralText(text, 2_048)
  if (plain === '') return '(empty)'
  const longest = Math.max(0, ...[...plain.matchAll(/`+/g)].map(([ticks]) => ticks.length))
  const fence = '`'.repeat(longest + 1)
  return longest === 0 ? `${fence}${plain}${fence}` : `${fence} ${plain} ${fence}`
}

export function sentence(text: string): string {
  return neutralText(text, 2_048).split(' ').map(word).join(' ')
}

/** Sentences with commands. A command follows "Run:" and extends to the end of its line, so that it can be copied whole. */
export function withCommands(text: string): string {
  return text
    .split('\n')
    .map(line => {
      const [before = '', ...commands] = line.split(/(?<=\bRun:) /)
      return [sentence(before), ...commands.map(inlineCode)].join(' ')
    })
    .join(' ')
}

function word(text: string): string {
  if (text === '' || PLAIN_WORD.test(text)) return text
  const after = AFTER_WORD.exec(text)?.[0] ?? ''
  const name = text.slice(0, text.length - after.length)
  return name === '' ? inlineCode(text) : `${inlineCode(name)}${after}`
}
