/** From a denial to a verified patch or a refusal, with every account read through its reader role. */

import type { Config } from '../core/config/config.ts'
import type { Denial } from '../core/denial/denial.ts'
import { type Examination, examine } from '../core/examine.ts'
import type { ProposalStore } from '../core/ports.ts'
import { changesToday } from '../core/proposal/changes-today.ts'
import { cloudReader } from './cloud-reader.ts'

export type CloudExamine = (denial: Denial, nowMs: number) => Promise<Examination>

/** AWS's own words are not asked for again: what they said is kept with the denial. */
export function cloudExamine(
  env: NodeJS.ProcessEnv,
  { config, store }: { readonly config: Config; readonly store: ProposalStore },
): CloudExamine {
  const seen = { ...cloudReader(env, config), config }
  return (denial, nowMs) =>
    examine(denial, { ...seen, nowMs, changesToday: about => changesToday(about, nowMs, store) })
}
