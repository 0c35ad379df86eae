/** The check of an audit log for a terminal: the result and remarks. */
import { neutralText, plural } from '../../../core/base/index.ts'
import { type ChainFinding, isDamage, type LogCheck } from '../../../functions/domain/audit/index.ts'
import type { AnsiStyles } from '../../ansi.ts'
import { holdsNoLog } from '../../use-cases/audit/audit-log.ts'

export type VerifyText = { readonly out: string; readonly notes: readonly string[] }

/** `from`: the location of the log. */
export function verifyText(check: LogCheck, from: string, { red, green, bold }: AnsiStyles): VerifyText {
  const { intact, records, head, endIsPinned, afterHead, findings, signatures, checkpoints, ledger } = check
  if (holdsNoLog(check)) {
    const files = `${from} contains no audit log: ${plural(findings.length, 'file')}, none of them a record`
    return { out: '', notes: [files, ...findings.slice(0, MAX_FOREIGN).map(({ place }) => place)] }
  }
  const damage = findings.filter(isDamage).length
  const verdict = !intact
    ? `${red('broken')}: ${plural(damage, 'finding')} in ${plural(records, 'record')}`
    : head === null
      ? `${from} contains no record`
      : `${green('intact')}: ${plural(records, 'record')}, the last is ${head.hash}`
  const found = shortened(findings).map(finding => {
    const kind = (isDamage(finding) ? red : bold)(finding.kind)
    return `${kind} ${neutralText(finding.place)}: ${neutralText(finding.detail)}`
  })
  // Part of the result: who keeps it must not read it as more than was checked.
  const unchecked = [
    ...(signatures.checked || head === null ? [] : [UNSIGNED]),
    ...(ledger.checked || head === null ? [] : [`${UNHELD}: ${neutralText(ledger.why)}`]),
    ...(endIsPinned ? [] : [checkpoints > 0 ? OPEN_AFTER : OPEN_END]),
  ].map(what => `${bold('not checked')}: ${what}`)
  return {
    out: [...found, verdict, ...signatureLines(check), ...ledgerLines(check), ...unchecked]
      .map(line => `${line}\n`)
      .join(''),
    notes:
      afterHead > 0
        ? [`${plural(afterHead, 'record')} after the last known head: a crash leaves at most one, a bot that runs more`]
        : [],
  }
}

const UNSIGNED = 'the signatures: it needs the public keys (--keys FILE, from rolemedic audit keys)'
const UNHELD = 'what write keeps beside the log, and with it whether each write was allowed'
const OPEN_END =
  'where the log ends: nothing outside it says so, and records deleted from the end would go unnoticed (--table NAME, --checkpoint FILE)'
const OPEN_AFTER =
  'what came after the last checkpoint: nothing outside the log says so, and records deleted from there on would go unnoticed (--table NAME)'

const MAX_FOREIGN = 3

/** For a log in a folder with other files. */
function shortened(findings: readonly ChainFinding[]): readonly Pick<ChainFinding, 'kind' | 'place' | 'detail'>[] {
  const hidden = new Set(findings.filter(({ kind }) => kind === 'foreign').slice(MAX_FOREIGN))
  if (hidden.size === 0) return findings
  const more = {
    kind: 'foreign',
    place: `and ${hidden.size} more`,
    detail: 'their names are not names of audit records',
  } as const
  return [...findings.filter(finding => !hidden.has(finding)), more]
}

function signatureLines({ signatures, checkpoints }: LogCheck): readonly string[] {
  const held = checkpoints === 0 ? [] : [`checkpoints: the log was held against ${checkpoints}`]
  if (!signatures.checked) return held
  const { decisions, records, recordsBy, unsignedBefore } = signatures
  const valid = `signatures: ${plural(decisions, 'record')} with a valid decision, ${plural(records, 'record')} validly signed by ${signersOf(recordsBy)}`
  if (unsignedBefore === 0) return [valid, ...held]
  const older = decisions + records === 0 ? 'and nothing later is signed' : 'older than the first signature'
  return [valid, `unsigned: ${plural(unsignedBefore, 'record')} of kinds that are signed now, ${older}`, ...held]
}

const signersOf = ({ verify, apply }: { readonly verify: number; readonly apply: number }): string => {
  if (apply === 0) return 'verify'
  return verify === 0
    ? 'apply, the function before verify'
    : `verify (${verify}) and apply, the function before it (${apply})`
}

function ledgerLines({ ledger }: LogCheck): readonly string[] {
  if (!ledger.checked) return []
  const { objects, spent, outcomes, pending, passkeys, enrolled } = ledger
  const due = pending === 0 ? '' : `; ${pending} younger than an hour, whose outcome or record may still come`
  return [
    `beside the log: ${plural(objects, 'object')}, ${plural(spent, 'write')} begun, ${plural(outcomes, 'outcome')}${due}`,
    ...passkeys.map(
      ({ proposalId, userId, credential }) =>
        `${proposalId}: the passkey ${credential} of ${neutralText(userId)} signed exactly this change`,
    ),
    ...(passkeys.length === 0 ? [] : [enrolledLine(enrolled)]),
  ]
}

function enrolledLine(enrolled: Extract<LogCheck['ledger'], { checked: true }>['enrolled']): string {
  if (!enrolled.checked)
    return `passkeys: who enrolled them, and whether one was removed before its write, was not looked up: ${neutralText(enrolled.why)}`
  const { enrollments, removals } = enrolled
  const held = `passkeys: held against ${plural(enrollments, 'enrollment')}`
  return removals === null
    ? `${held} beside the log; there is no revoked/: none was removed, or it is not in this copy`
    : `${held} and ${plural(removals, 'removal')} beside the log`
}
