import { defineConfig } from 'vitest/config'

/** Shell scripts, and signals that Windows does not have. */
const POSIX_ONLY = ['test/cli/smoke.test.ts']

/** These run the deployed handlers over moto; the other attacks are fast. */
const DEPLOYED_ATTACKS = ['table-writer', 'senders'].map(name => `test/attacks/${name}.test.ts`)

/** `fast` needs no network and no service; `laws` are its property tests with time for FC_RUNS; `package` builds, packs and installs; `e2e` starts moto and Chromium. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'fast',
          include: ['test/**/*.test.ts'],
          exclude: [
            'test/e2e/**',
            'test/package/**',
            ...DEPLOYED_ATTACKS,
            ...(process.platform === 'win32' ? POSIX_ONLY : []),
          ],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'laws',
          include: ['test/property/**/*.test.ts'],
          testTimeout: 30 * 60_000,
        },
      },
      {
        test: {
          name: 'package',
          include: ['test/package/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts', ...DEPLOYED_ATTACKS],
          testTimeout: 120_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
    ],
  },
})
