import * as z from 'zod'
import { type DecisionNow, decisionNowSchema } from './decision.ts'

/** Throws for what could not be read again. */
export const nowDecisionOf = (facts: Omit<DecisionNow, 'schema'>): DecisionNow =>
  z.parse(decisionNowSchema, { schema: 'rolemedic.decision/3', ...facts })
