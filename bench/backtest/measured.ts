/** Runs the command line in this process, and prints the resources it took as the last line of standard error. */
import { dispatch } from '../../cli/dispatch.ts'
import { processIo } from '../../cli/io.ts'

process.exitCode = await dispatch(process.argv.slice(2), processIo())
const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
const taken = { cpuSeconds: (userCPUTime + systemCPUTime) / 1e6, peakMegabytes: maxRSS / 1024 }
process.stderr.write(`\n${JSON.stringify(taken)}\n`)
