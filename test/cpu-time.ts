/** The processor time of this thread, in milliseconds. Other work on the machine adds nothing to it. */
export function cpuMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1_000
}
