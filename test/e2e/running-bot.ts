/** The bot with its page: as a person starts it, in a process of its own, or in the process of the test. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { explanation } from '../../cli/commands/start.ts'
import { type Running, servePage } from '../../cli/use-cases/start/serve.ts'
import { SILENT_OBSERVER } from '../../functions/ports/silent-observer.ts'

const root = resolve(import.meta.dirname, '../..')

export type ServedBot = { readonly url: string; stop(): Promise<void> }
export type RunningBot = {
  readonly url: string
  readonly process: ChildProcess
  stop(signal?: NodeJS.Signals): Promise<void>
}

/** In the process of the test: the code, a second of processor time, is loaded once for all tests of a file. */
export async function serveBot(state: string): Promise<ServedBot> {
  const parts: Running[] = []
  const question = { events: [], accounts: [], org: null, config: null, state, port: 0 }
  const page = await servePage(question, {
    readFile: path => readFile(path, 'utf8'),
    nowMs: () => Date.now(),
    observer: SILENT_OBSERVER,
    keep: part => void parts.push(part),
    explanation,
    onFault(error) {
      throw error
    },
  })
  const worked = page.work()
  return {
    url: page.url,
    async stop() {
      await worked
      for (const part of parts.toReversed()) await part.close()
    },
  }
}

export async function startBot(args: readonly string[], cwd = root): Promise<RunningBot> {
  const child = spawn(process.execPath, [join(root, 'cli/main.ts'), 'start', ...args], { cwd })
  let output = ''
  const url = await new Promise<string>((found, reject) => {
    const onOutput = (chunk: Buffer) => {
      output += chunk.toString('utf8')
      const match = /http:\/\/127\.0\.0\.1:\d+(?=\s)/.exec(output)
      if (match !== null) found(match[0])
    }
    child.stdout.on('data', onOutput)
    child.stderr.on('data', onOutput)
    // Not at 'exit': what it printed may not have been read by then.
    child.once('close', code => reject(new Error(`the bot ended with ${code}:\n${output}`)))
  })
  return {
    url,
    process: child,
    async stop(signal = 'SIGINT') {
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      child.kill(signal)
      await ended
    },
  }
}
