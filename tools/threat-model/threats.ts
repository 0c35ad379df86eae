/** Every attack of `docs/threat-model.md`, by its attacker. */
import { ROOTS } from './roots.ts'
import type { ThreatSection } from './threat.ts'
import { LOG_WRITER } from './threats/audit.ts'
import { BUS_SENDER } from './threats/bus.ts'
import { DEPLOYED } from './threats/deployed.ts'
import { IN_A_FUNCTION } from './threats/functions.ts'
import { HUB_ADMINISTRATOR } from './threats/hub.ts'
import { SAME_LAPTOP } from './threats/laptop.ts'
import { NEW_MEMBER } from './threats/members.ts'
import { BELOW_APPROVE } from './threats/modes.ts'
import { PASSKEYS } from './threats/people/passkeys.ts'
import { CODE_CHANGER } from './threats/pulls.ts'
import { QUEUE_SENDER } from './threats/queues.ts'
import { SLACK } from './threats/slack.ts'
import { OWN_ACCOUNT } from './threats/stranger.ts'
import { TABLE_WRITER } from './threats/table.ts'
import { REPEATED_WORDS } from './threats/texts.ts'
import { ASKS_WRITE } from './threats/writer.ts'
import { WRITER_SESSION } from './threats/writer-role.ts'

const IN_ORDER = [
  ...[TABLE_WRITER, BELOW_APPROVE, SLACK, QUEUE_SENDER, BUS_SENDER, OWN_ACCOUNT, REPEATED_WORDS, ASKS_WRITE],
  ...[
    DEPLOYED,
    NEW_MEMBER,
    PASSKEYS,
    IN_A_FUNCTION,
    WRITER_SESSION,
    HUB_ADMINISTRATOR,
    LOG_WRITER,
    CODE_CHANGER,
    SAME_LAPTOP,
  ],
] as const

type IdsOf<Section> = Section extends { readonly threats: infer Threats } ? keyof Threats & string : never
/** Of a row of the threat model: an attack, or a root of authority. */
export type RowId = IdsOf<(typeof IN_ORDER)[number]> | keyof typeof ROOTS

export const SECTIONS: readonly ThreatSection[] = IN_ORDER

/** What the test of each row shows, in one sentence without its subject. */
export const ROWS = new Map<string, string>([
  ...SECTIONS.flatMap(({ threats }) => Object.entries(threats).map(([id, { what }]) => [id, what] as const)),
  ...Object.entries(ROOTS).map(([id, { who, can }]) => [id, `${who} can ${can}`] as const),
])
