import { type Guardrail, PASS, refuse } from '../guardrail.ts'

/** Many changes to one principal in a day indicate another problem than missing permissions. */
export const changesPerDay: Guardrail = {
  id: 'changes-per-day',
  check: ({ changesToday, config }) =>
    changesToday === null || changesToday < config.maxChangesPerPrincipalPerDay
      ? PASS
      : refuse(
          `This principal was already changed ${changesToday} times today, which is the limit.`,
          'rolemedic administrators',
        ),
}
