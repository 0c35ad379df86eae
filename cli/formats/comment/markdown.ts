/**
 * Untrusted text in Markdown, where a name could mention people, close a merge request or create a link. Escaping does not
 * help, because GitHub and GitLab still find mentions. Everything but plain words becomes code, which they do not scan.
 */
import { neutralText } from '../../../core/base/index.ts'

const PLAIN_WORD = /^["'(]*[\p{L}\p{N}][\p{L}\p{N}'’-]*["').,;:]*$/u
const AROUND_WORD = /^(["'(]*)(.*?)(["').,;:]*)$/su

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

/**
 * Sentences with commands. A command follows "Run:" and extends to the end of its line: it becomes a block of its own, whole and easy to
 * copy. `indent`: of the list item that they belong to.
 */
export function withCommands(text: string, indent = ''): string {
  const blocks: string[] = []
  let words: string[] = []
  const flush = () => {
    if (words.length > 0) blocks.push(words.join(' '))
    words = []
  }
  for (const line of text.split('\n')) {
    const [before = '', ...commands] = line.split(/ ?\bRun: /)
    if (before.trim() !== '') words.push(sentence(before))
    if (commands.length > 0) flush()
    for (const command of commands) blocks.push(codeBlock(neutralText(command, MAX_COMMAND_CHARS), 'sh').join('\n'))
  }
  flush()
  return blocks.join('\n\n').replaceAll(/\n(?=.)/g, `\n${indent}`)
}

/** A command that is cut is another command. */
const MAX_COMMAND_CHARS = 40_000

/** No line of the code closes it. https://spec.commonmark.org/0.31.2/#fenced-code-blocks */
export function codeBlock(code: string, language: string): readonly string[] {
  const longest = Math.max(2, ...[...code.matchAll(/`+/g)].map(([ticks]) => ticks.length))
  const fence = '`'.repeat(longest + 1)
  return [`${fence}${language}`, ...code.trimEnd().split('\n'), fence]
}

function word(text: string): string {
  if (text === '' || PLAIN_WORD.test(text)) return text
  const [, before = '', name = '', after = ''] = AROUND_WORD.exec(text) ?? []
  if (name === '') return inlineCode(text)
  // A bracket that the name opens is a part of it.
  const open = name.split('(').length - name.split(')').length
  const own = Math.max(0, Math.min(open, after.length - after.replace(/^\)+/, '').length))
  return `${before}${inlineCode(name + after.slice(0, own))}${after.slice(own)}`
}
