import { harmGuardrail } from '../harm-guardrail.ts'

/** With the role, a caller could delete what nobody can bring back. */
export const destroy = harmGuardrail('destroy')
