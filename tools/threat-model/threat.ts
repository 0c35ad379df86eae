/** One attack: a row of `docs/threat-model.md`, and a test with the same id. In Markdown. */
export type Threat = {
  /** What the attacker does, after "somebody who …". */
  readonly what: string
  /** The control that refuses it. */
  readonly refuses: string
  /** What the control leaves open, or null. */
  readonly remains: string | null
}

/** Somebody who holds the same things for each of these attacks. */
export type ThreatSection = {
  readonly who: string
  /** What they can do to begin with. */
  readonly may: string
  readonly threats: { readonly [id: string]: Threat }
}

/** Somebody who decides what rolemedic does. A test shows the power, another the limit, where there is one. */
export type Root = {
  readonly who: string
  /** What they can do whatever rolemedic checks. */
  readonly can: string
  readonly limits: string
  /** Attacks that show the limits. */
  readonly see: readonly string[]
}
