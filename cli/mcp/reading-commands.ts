/** The commands that only read, for callers that must not reach the others. */
export const READING_COMMANDS = {
  diagnose: () => import('../commands/diagnose.ts'),
  preflight: () => import('../commands/preflight.ts'),
  status: () => import('../commands/status.ts'),
  'explain-policy': () => import('../commands/explain-policy.ts'),
} as const
