/** The time in which a turn at the audit log ends, where its writer has crashed: it passes while somebody waits. */
export function turnTime() {
  let nowMs = Date.now()
  return {
    clock: () => nowMs,
    async sleep(ms: number) {
      nowMs += ms
    },
  }
}
