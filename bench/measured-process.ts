/** A command as a process of its own, with what it took. */
import { spawnSync } from 'node:child_process'
import { z } from 'zod'

const PRINT_TAKEN =
  'data:text/javascript,process.on("exit",()=>{const{userCPUTime:u,systemCPUTime:s,maxRSS:m}=process.resourceUsage();process.stderr.write(`\\n${JSON.stringify({cpuSeconds:(u+s)/1e6,peakMegabytes:m*1024/1e6})}\\n`)})'
const taken = z.object({ cpuSeconds: z.number(), peakMegabytes: z.number() })

export type MeasuredProcess = z.infer<typeof taken> & {
  readonly seconds: number
  readonly stdout: string
  readonly stderr: string
}

/** Throws where the command ends with another code than `expected`. */
export function measuredProcess(
  command: readonly string[],
  {
    cwd,
    env,
    expected = 0,
  }: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv; readonly expected?: number } = {},
): MeasuredProcess {
  const startedMs = performance.now()
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--import', PRINT_TAKEN, ...command], {
    ...{ cwd, env: env ?? process.env, encoding: 'utf8', maxBuffer: 1_000_000_000 },
  })
  const seconds = (performance.now() - startedMs) / 1000
  if (status !== expected) throw new Error(`${command.join(' ')} ended with ${status}: ${stderr.slice(-2_000)}`)
  return { ...taken.parse(JSON.parse(stderr.trim().split('\n').at(-1) ?? '')), seconds, stdout, stderr }
}
