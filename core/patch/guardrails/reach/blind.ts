import { harmGuardrail } from '../harm-guardrail.ts'

/** With the role, a caller could disable what records and monitors. */
export const blind = harmGuardrail('blind')
