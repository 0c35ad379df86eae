/** The commands that only read, for callers that must not reach the others. */
export const COMMANDS = {
  diagnose: () => import('./diagnose.ts'),
  preflight: () => import('./preflight.ts'),
  status: () => import('./status.ts'),
  'explain-policy': () => import('./explain-policy.ts'),
} as const
