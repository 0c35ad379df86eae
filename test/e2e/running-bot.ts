/** The bot as a person starts it, in a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '../..')

export type RunningBot = {
  readonly url: string
  readonly process: ChildProcess
  stop(signal?: NodeJS.Signals): Promise<void>
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
