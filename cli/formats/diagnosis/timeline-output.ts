/** What happened around a denial, as printed by `--json`. */

import type { Timeline } from '../../../core/timeline/index.ts'
import type { DiagnosisOutput } from '../../outputs/diagnosis.ts'
import { runOutput } from './run-output.ts'

type TimelineOutput = DiagnosisOutput['timeline']

export function timelineOutput(timeline: Timeline | null): TimelineOutput {
  if (timeline === null) return null
  const { covers, roleAgeMs, roleDeletedAtMs, solved } = timeline
  return {
    covers: {
      ...{ from: iso(covers.fromMs), to: iso(covers.toMs) },
      ...{ regions: [...covers.regions], accounts: [...covers.accounts] },
    },
    roleAgeSeconds: roleAgeMs === null ? null : roleAgeMs / 1_000,
    roleDeletedAt: roleDeletedAtMs === null ? null : iso(roleDeletedAtMs),
    solved:
      solved === null
        ? null
        : { at: iso(solved.atMs), eventId: solved.eventId, afterSeconds: solved.afterMs / 1_000, by: solved.by },
    change: changeOutput(timeline.change),
  }
}

function changeOutput(change: Timeline['change']): NonNullable<TimelineOutput>['change'] {
  switch (change?.outcome) {
    case undefined:
      return null
    case 'found': {
      const { write, target, lost } = change
      const { id, atMs, by, eventName } = write
      const found = {
        outcome: 'found',
        eventId: id,
        at: iso(atMs),
        by,
        run: runOutput(change.run),
        eventName,
        target,
      } as const
      return { ...found, lost: lost.map(statement => ({ ...statement })) }
    }
    case 'never-allowed':
      return { outcome: 'never-allowed', since: iso(change.sinceMs) }
    case 'not-proved':
      return { outcome: 'not-proved', why: change.why }
  }
}

const iso = (ms: number): string => new Date(ms).toISOString()
