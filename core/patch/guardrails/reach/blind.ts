import { harmGuardrail } from '../harm-guardrail.ts'

/** With the role, a caller could stop what records and watches. */
export const blind = harmGuardrail('blind')
