/** Runs a bundle in a process of its own with only its folder and environment variables, like Lambda. */
import { spawn } from 'node:child_process'
import { pathToFileURL } from 'node:url'

export type Lambda = {
  invoke(event: unknown): Promise<unknown>
  stop(): void
}

/** As in `waits.ts`. */
const WITHOUT_LIMITS = `
import { syncBuiltinESMExports } from 'node:module'
import timers from 'node:timers/promises'
const { setTimeout: wait } = timers
timers.setTimeout = (ms, value, options) => wait(options?.signal === undefined ? ms : 600_000, value, options)
syncBuiltinESMExports()
const { timeout } = AbortSignal
AbortSignal.timeout = () => timeout.call(AbortSignal, 600_000)
`

const RUNTIME = `
const { handler } = await import(process.argv[1])
const context = { awsRequestId: 'r-1', functionName: 'test', getRemainingTimeInMillis: () => 60_000 }
process.on('message', async ({ id, event }) => {
  try {
    process.send({ id, answer: await handler(event, context) })
  } catch (error) {
    const all = [error, ...(error?.recordErrors ?? [])]
    process.send({ id, error: all.map(one => String(one?.stack ?? one)).join('\\n') })
  }
})
process.send({ id: 0 })`

type Message = { readonly id: number; readonly answer?: unknown; readonly error?: string }

export type LambdaOptions = {
  /** Whether the limits of the functions pass, as where their speed is measured. */
  readonly isLimited?: boolean
}

/** Resolves after the bundle was imported. Rejects with its output if that failed. */
export async function startLambda(
  file: string,
  env: NodeJS.ProcessEnv,
  { isLimited = false }: LambdaOptions = {},
): Promise<Lambda> {
  const runtime = isLimited ? RUNTIME : WITHOUT_LIMITS + RUNTIME
  const args = ['--input-type=module', '--eval', runtime, pathToFileURL(file).href]
  const child = spawn(process.execPath, args, { env, cwd: '/', stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
  const waiting = new Map<number, PromiseWithResolvers<unknown>>()
  const asked = (id: number): Promise<unknown> => {
    const answer = Promise.withResolvers<unknown>()
    waiting.set(id, answer)
    return answer.promise
  }
  let printed = ''
  child.stderr?.on('data', chunk => {
    printed = `${printed}${chunk}`.slice(-2_000)
  })
  child.on('message', (message: Message) => {
    const answer = waiting.get(message.id)
    waiting.delete(message.id)
    if (message.error === undefined) answer?.resolve(message.answer)
    else answer?.reject(new Error(message.error))
  })
  // Not at 'exit': what it printed may not have been read by then.
  child.on('close', () => {
    for (const answer of waiting.values()) answer.reject(new Error(`${file} ended: ${printed}`))
  })
  await asked(0)
  let invocations = 0
  return {
    invoke(event) {
      invocations += 1
      const answer = asked(invocations)
      child.send({ id: invocations, event })
      return answer
    },
    stop: () => void child.kill(),
  }
}
