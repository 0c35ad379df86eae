import { harmGuardrail } from '../harm-guardrail.ts'

/** With the role, a caller could delete what nobody can restore. */
export const destroy = harmGuardrail('destroy')
