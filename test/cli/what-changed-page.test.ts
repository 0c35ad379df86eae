import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { dispatch } from '../../cli/dispatch.ts'
import { memoryIo } from './memory-io.ts'

const root = resolve(import.meta.dirname, '../..')
const page = readFileSync(join(root, 'docs/what-changed.md'), 'utf8')
const SHOWN = [...page.matchAll(/```sh\nrolemedic ([^\n]+)\n```\n\n```text\n([\s\S]*?)\n```/g)].map(
  ([, command = '', output = '']) => [command, output] as const,
)

describe('docs/what-changed.md', () => {
  it('shows a role that was seconds old, and a permission that was lost', () => {
    expect(SHOWN.map(([command]) => /--trail (\S+)/.exec(command)?.[1])).toEqual([
      'events/trails/young-role.json',
      'events/trails/lost-permission.json',
    ])
  })

  it.each(SHOWN)('prints the answer to %s', async (command, output) => {
    const io = memoryIo()
    const args = command.split(' ').map(word => (word.startsWith('events/') ? join(root, word) : word))
    expect(await dispatch(args, io)).toBe(0)
    expect(io.captured.out.trimEnd()).toBe(output)
  })
})
