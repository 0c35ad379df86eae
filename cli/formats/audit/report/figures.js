// The figures of a list of cases, and the list as CSV. Runs twice: when the page is written, and in the page for a filter.

function median(values) {
  if (values.length === 0) return null
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  return (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2
}
const count = (rows, has) => rows.filter(has).length
const is =
  (...outcomes) =>
  row =>
    outcomes.includes(row.outcome)
const timesOf = rows => rows.flatMap(row => (row.secondsToApprove === null ? [] : [row.secondsToApprove]))

export function figuresOf(rows) {
  const times = timesOf(rows)
  return {
    denials: new Set(rows.map(row => row.event)).size,
    changed: count(rows, row => row.changed !== null),
    standing: count(rows, row => row.standing),
    waiting: count(rows, is('waiting')),
    reverted: count(rows, is('reverted')),
    rejected: count(rows, is('rejected')),
    expired: count(rows, is('expired')),
    failed: count(rows, is('failed', 'part', 'revert-failed')),
    noHelp: count(rows, is('did-not-help')),
    forged: count(rows, is('forged')),
    medianSeconds: median(times),
    slowestSeconds: times.length === 0 ? null : times.reduce((a, b) => Math.max(a, b)),
  }
}

// Who gave an approval, whether or not it completed the case. The time is that of the cases that theirs completed.
export function approversOf(rows) {
  const people = new Map()
  const person = ({ id, name }) => {
    const known = people.get(id) ?? { id, name, approvals: 0, completed: [], breakGlass: 0, rejected: 0 }
    people.set(id, known)
    return known
  }
  for (const row of rows) {
    const { by, completed } = row.approvals
    const last = completed === null ? undefined : by.findLast(({ at }) => at === completed)
    for (const approval of by) {
      const one = person(approval)
      one.approvals += 1
      if (approval.breakGlass) one.breakGlass += 1
      if (approval === last) one.completed.push(row.secondsToApprove)
    }
    for (const by of row.rejectedBy) person(by).rejected += 1
  }
  return [...people.values()]
    .map(({ completed, ...one }) => ({ ...one, completed: completed.length, medianSeconds: median(completed) }))
    .toSorted((a, b) => b.approvals + b.rejected - a.approvals - a.rejected)
}

export function accountsOf(rows) {
  return [...Map.groupBy(rows, row => row.account)]
    .map(([account, own]) => ({ account, cases: own.length, ...figuresOf(own) }))
    .toSorted((a, b) => b.cases - a.cases)
}

export function duration(seconds) {
  if (seconds === null) return '–'
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  const minutes = Math.floor(whole / 60)
  if (minutes < 60) return `${minutes} min ${whole % 60} s`
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
  return `${Math.floor(minutes / 1440)} d ${Math.floor((minutes % 1440) / 60)} h`
}

const COLUMNS = {
  proposal: row => row.proposal,
  event: row => row.event,
  first_seen: row => row.firstSeen,
  last_record: row => row.lastRecord,
  account: row => row.account,
  requester: row => row.requester ?? '',
  requester_known_by: row => row.requesterKnownBy ?? '',
  principal: row => row.principal,
  session: row => row.session ?? '',
  run: row => row.run ?? '',
  action: row => row.action,
  role: row => row.role,
  outcome: row => row.outcome,
  approvals: row => row.approvals.given,
  approvals_needed: row => row.approvals.needed ?? '',
  approvals_by: row => people(row.approvals.by),
  approvals_at: row => row.approvals.by.map(({ at }) => at).join('; '),
  approvals_completed: row => row.approvals.completed ?? '',
  reasons: row => notes(row.approvals.by, 'reason'),
  tickets: row => notes(row.approvals.by, 'ticket'),
  could_have_decided: row => row.couldHave?.decided.join('; ') ?? '',
  could_have_approved_alone: row => row.couldHave?.approvedAlone.join('; ') ?? '',
  on_call: row => row.couldHave?.onCall.join('; ') ?? '',
  approved_as: row => (row.breakGlass === null ? (row.approvals.given === 0 ? '' : 'ordinary') : 'break-glass'),
  break_glass_reason: row => row.breakGlass?.reason ?? '',
  ratification: row => (row.breakGlass === null ? '' : row.breakGlass.ratification),
  ratified_by: row => people(row.breakGlass?.ratifiedBy ?? []),
  not_ratified_by: row => people(row.breakGlass?.notRatifiedBy ? [row.breakGlass.notRatifiedBy] : []),
  not_ratified_reason: row => row.breakGlass?.notRatifiedBy?.reason ?? '',
  seconds_to_approve: row => row.secondsToApprove ?? '',
  rejected_by: row => people(row.rejectedBy),
  changed: row => row.changed ?? '',
  granted: row => row.granted.join('; '),
  risk_shown: row => row.risk.shown ?? '',
  risk_at_write: row => row.risk.atWrite ?? '',
  stands: row => (row.standing ? 'yes' : 'no'),
  ends: row => row.ends ?? '',
  last_used: row => row.lastUsed ?? '',
  signatures: row => row.signatures,
  patch_digest: row => row.digest ?? '',
  slack: row => row.slack ?? '',
  why: row => row.why,
}

const notes = (list, which) =>
  list
    .filter(one => one[which] !== null)
    .map(one => `${one.name} (${one.id}): ${one[which]}`)
    .join('; ')
const people = list => list.map(({ id, name }) => `${name} (${id})`).join('; ')

// RFC 4180: CRLF, and quotes around what has a quote, a comma or a line break.
export function csvOf(rows) {
  const lines = [Object.keys(COLUMNS), ...rows.map(row => Object.values(COLUMNS).map(read => read(row)))]
  return lines.map(line => `${line.map(cell).join(',')}\r\n`).join('')
}

// Spreadsheets take what begins like this for a formula: https://owasp.org/www-community/attacks/CSV_Injection
const FORMULA = /^[\s\p{Cc}\p{Cf}]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/u

// Where a list separator is `;`, a spreadsheet that opens the file splits there too, also inside of quotes.
const SEPARATORS = /(?<![;\s\p{Cc}\p{Cf}])([;\s\p{Cc}\p{Cf}]+)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])/gu

function cell(value) {
  const text = String(value).replaceAll(SEPARATORS, run => (/[;\t\r\n]/.test(run) ? `${run}'` : run))
  const safe = FORMULA.test(text) ? `'${text}` : text
  return /["',;\s]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
