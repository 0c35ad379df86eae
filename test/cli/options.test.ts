/** An option that two commands have is one object: it accepts and refuses the same values and has the same meaning. */
import { describe, expect, it } from 'vitest'
import type { Option } from '../../cli/command.ts'
import { allCommands, COMMAND_NAMES } from '../../cli/commands.ts'
import { dispatch } from '../../cli/dispatch.ts'
import { memoryIo } from './memory-io.ts'

const commands = await allCommands()
const of = (name: string) =>
  commands.flatMap(({ description }) => {
    const option = description.options[name]
    return option === undefined ? [] : [{ command: description.name, option }]
  })
const names = [...new Set(commands.flatMap(({ description }) => Object.keys(description.options)))]

/** Names with two meanings, both documented by the commands. */
const TWO_MEANINGS: { readonly [name: string]: string } = {
  role: 'explain-policy asks about the ARN of a role, doctor assumes a role by name',
  service: 'explain-policy asks about a service that a role is passed to, explain-deploy about an ECS service',
  format: 'comment and ci always print Markdown: their format is that of the code in it',
}

const formOf = ({ type, multiple, value, values, read }: Option) => ({ type, multiple, value, values, read })

describe('the options of the commands', () => {
  it.each(names.filter(name => !Object.hasOwn(TWO_MEANINGS, name)))('are one object each: --%s', name => {
    const [first, ...others] = of(name)
    for (const { command, option } of others) {
      expect([command, formOf(option)]).toEqual([command, first === undefined ? null : formOf(first.option)])
      // Equal text is not enough: the reader must be the same function.
      expect(option.read).toBe(first?.option.read)
    }
  })

  it('have two meanings only where two commands have them', () => {
    for (const name of Object.keys(TWO_MEANINGS)) expect(of(name).length).toBeGreaterThan(1)
  })

  it('have a line of help each, and a value unless they are flags', () => {
    for (const name of names)
      for (const { option } of of(name)) {
        expect(option.about).not.toBe('')
        expect([name, option.value !== undefined]).toEqual([name, option.type === 'string'])
      }
  })

  it.each([
    ['at', ['yesterday', '2026-02-30', '2026-11-24T25:00:00Z', '']],
    ['as', ['me', 'arn:aws:s3:::bucket', '']],
    ['out', ['']],
    ['message', ['', ' ']],
  ] as const)('refuse a value in every command with the same words: --%s', async (name, values) => {
    for (const value of values) {
      const words = new Set<string>()
      for (const { command } of of(name)) {
        const io = memoryIo()
        const operands = command === 'audit' ? ['report'] : ['x']
        expect([command, value, await dispatch([command, ...operands, `--${name}=${value}`], io)]).toEqual([
          command,
          value,
          2,
        ])
        words.add(io.captured.err.join('\n').replace(` (rolemedic ${command} --help)`, ''))
      }
      expect([...words]).toEqual([expect.stringContaining(`--${name} `)])
    }
  })

  it.each(COMMAND_NAMES)('do not keep --help from showing help: %s', async name => {
    const io = memoryIo()
    const options = commands.find(({ description }) => description.name === name)?.description.options ?? {}
    const read = Object.entries(options).filter(([, option]) => option.read !== undefined)
    expect(await dispatch([name, ...read.map(([option]) => `--${option}=?`), '--help'], io)).toBe(0)
    expect(io.captured.out.startsWith(`rolemedic ${name}`)).toBe(true)
  })
})
