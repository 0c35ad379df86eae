/** The benefit of reading a deploy's template: rounds of approval with and without it, and whether public templates are read correctly. */

import { assessTrust } from '../test/deploys/judged-trust.ts'
import { generatedDeploy } from './deploys/generated-deploy.ts'
import { assess, KNOWN_MISSES, LABELS } from './deploys/labelled-needs.ts'
import { type Rounds, roundsToGreen } from './deploys/rounds.ts'
import { round, seededRandom } from './figures.ts'
import { atLeast, atMost, exactly, type Gate, type Report } from './report.ts'

const MAX_ROLES = 12
const SEEDS = [18, 118, 218]

type Pair = { readonly roles: number; readonly with: Rounds; readonly without: Rounds }

export async function deploys(): Promise<Report> {
  const { labelled, met, found, missed, falseAlarms } = await assess()
  const trust = await assessTrust()
  const pairs: Pair[] = []
  for (const seed of SEEDS)
    for (let roles = 1; roles <= MAX_ROLES; roles += 1) {
      const deploy = generatedDeploy(roles, seededRandom(seed * 100 + roles))
      pairs.push({
        roles,
        with: await roundsToGreen(deploy, true),
        without: await roundsToGreen(deploy, false),
      })
    }
  // The first failure is a service that cannot assume its role.
  const trusts: Rounds[] = []
  for (const seed of SEEDS)
    for (let roles = 1; roles <= MAX_ROLES; roles += 1)
      trusts.push(await roundsToGreen(generatedDeploy(roles, seededRandom(seed * 1_000 + roles), 'trust'), true))
  const mean = (numbers: readonly number[]) => numbers.reduce((sum, one) => sum + one, 0) / numbers.length
  const stopped = [...pairs.flatMap(pair => [pair.with, pair.without]), ...trusts].flatMap(one => one.stopped ?? [])
  const reason = (need: string) => KNOWN_MISSES[need] ?? 'not known'
  const gates: readonly Gate[] = [
    atLeast('labelled templates and plans', LABELS.length, 60),
    atLeast('recall', met / labelled, 0.98),
    atMost('false alarms', falseAlarms.length / found, 0.02),
    exactly('misses without a known reason', missed.filter(need => KNOWN_MISSES[need] === undefined).length, 0),
    atLeast('planted trust faults', trust.faults, 120),
    atLeast('deploys with the right trust', trust.right, 120),
    atLeast('recall of trust faults', (trust.faults - trust.missed.length) / trust.faults, 0.98),
    atMost('false alarms about trust', trust.falseAlarms.length / (trust.right + trust.unknown), 0.02),
    exactly('trust that nobody can know and that was judged', trust.wronglyKnown.length, 0),
    exactly('rounds to green, where the template can be read', mean(pairs.map(pair => pair.with.approvals)), 1),
    exactly('rounds to green, where only trust lacks', mean(trusts.map(one => one.approvals)), 1),
    exactly('deploys that never became green', stopped.length, 0),
  ]
  return {
    tables: [
      {
        title: 'Rounds of approval until the deploy is green (mean over the seeds)',
        columns: ['roles', 'gaps', 'with the template', 'without'],
        rows: Array.from({ length: MAX_ROLES }, (_, at) => {
          const own = pairs.filter(({ roles }) => roles === at + 1)
          const of = (figure: (pair: Pair) => number) => round(mean(own.map(figure)))
          return [
            at + 1,
            of(pair => pair.with.gaps),
            of(pair => pair.with.approvals),
            of(pair => pair.without.approvals),
          ]
        }),
      },
      {
        title: 'The same, where all roles may be passed and only trust lacks',
        columns: ['deploys', 'gaps (mean)', 'gaps (most)', 'rounds (mean)', 'rounds (most)'],
        rows: [
          [
            trusts.length,
            round(mean(trusts.map(one => one.gaps))),
            Math.max(...trusts.map(one => one.gaps)),
            round(mean(trusts.map(one => one.approvals))),
            Math.max(...trusts.map(one => one.approvals)),
          ],
        ],
      },
      {
        title: 'Public templates and plans, labelled by hand',
        columns: ['sources', 'needs labelled', 'found as labelled', 'recall', 'found', 'false alarms', 'share'],
        rows: [
          [
            LABELS.length,
            labelled,
            met,
            round(met / labelled),
            found,
            falseAlarms.length,
            round(falseAlarms.length / found),
          ],
        ],
      },
      {
        title: 'Planted trust faults, labelled by hand',
        columns: ['faults', 'missed', 'right', 'not to be known', 'false alarms', 'judged although unknown'],
        rows: [
          [
            trust.faults,
            trust.missed.length,
            trust.right,
            trust.unknown,
            trust.falseAlarms.length,
            trust.wronglyKnown.length,
          ],
        ],
      },
      { title: 'Missed', columns: ['need', 'reason'], rows: missed.map(need => [need, reason(need)]) },
      { title: 'False alarms', columns: ['need'], rows: falseAlarms.map(need => [need]) },
    ],
    gates,
    ratios: {},
    notes: [
      'Generated: one to twelve roles, six services, a quarter of the roles made by the template itself (with a name), a fifth behind a condition. Half of the roles that are there trust another service: a gap of the trust beside that of the pass, except for Step Functions, which has several names. Without the template, the roles that it makes are given as there already, which favours that side.',
      'A role that the template makes without a name is known only once it exists; such a deploy takes one more round, and is not among these.',
      ...new Set(stopped),
    ],
  }
}
