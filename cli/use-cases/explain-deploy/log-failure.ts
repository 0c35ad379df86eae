/** Whether the log of a deploy ends in a failure, and the words that say why. */

/** What tools print last where all went well. */
const SUCCEEDED =
  /^(?:.{0,80}\s)?(?:(?:Apply|Destroy) complete!|Successfully created\/updated stack\b|Service deployed\b|✅|(?:✔|✓) .{0,60}(?:deployed|complete)|No changes\. |Update succeeded\b|Finished: SUCCESS\b|Job succeeded\b|Deployment (?:succeeded|complete)\b|BUILD State: SUCCEEDED\b|no changes to deploy\b)|\b(?:CREATE|UPDATE|IMPORT)_COMPLETE\b.{0,40}AWS::CloudFormation::Stack\b/i

/** Words of a failure, also within names of errors. */
const FAILURE =
  /(?<![A-Za-z])(?:errors?|fail(?:ed|s|ure|ures)?|fatal|panic|denied|exceptions?|aborted|forbidden|unauthori[sz]ed|not authori[sz]ed|(?:un|not )able to|cannot|can't|could not|couldn't|invalid|expired|insufficient|missing|not found|already exists|must (?:be|have|enable)|exceed(?:s|ed)?|has no role|does(?:n't| not) (?:have|exist|give)|not (?:allow|permit|support)|did(?: not|n't) receive|inaccessible|time[d ]?out|ERR!|should have|request cancell?ed|usage:)(?![A-Za-z])|[a-z](?:Exception|Error|Fault|Denied|Exceeded)\b|UnauthorizedOperation\b|[A-Z]_FAILED\b|ROLLBACK|\b40[0139]\b|❌|✘|✖(?! \d)/i
/** Counts of nothing, "12 passed, 0 failed", and a setting that SAM prints. */
const NONE_FAILED =
  /\b(?:0|no|zero|without(?: any)?) (?:tests? |checks? |resources? )?(?:errors?|failures?|failed)\b|\b(?:errors?|failures?|failed)[:=] ?0\b|\bDisable ?rollback\b/gi

const STAMP =
  /^(?:\d{1,4} \| |\[Container\] \S{1,40} \S{1,40} |\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?Z?(?:[ \t]UTC(?:[+-]\d{4})?)?\]?[ \t]?|level=\w{1,20}(?: msg=)?|[ \t│┃╷╵|]{1,400}){1,40}/
const CANCELLED = /\bResource (?:creation|update|deletion|import) cancell?ed\b/i
/** These name no reason: heads of lists, ends of jobs, traces, progress. */
const EMPTY_WORDS =
  /^(?:.{0,300}:|Error|errors?|.{0,40}\bError -{5,200}|.{0,300}Serverless: (?:Deployment|Operation) failed!|error: (?:update|preview|refresh|destroy) failed|.{0,60}\berrors?(?:\(s\))? occurred:|.{0,40}\bexit(?:ed)? (?:with )?(?:code|status) \d{1,3}|.{0,60}Process completed with exit code \d{1,10}\.?|<\/?[A-Za-z]{1,80}>|at .{0,300}|(?:npm (?:ERR!|error)\s?)?(?:code E\w{1,80})?)$/i
/** Nor does any line that begins so. */
const EMPTY_BEGINNING =
  /^(?:usage: |ERROR: Job failed\b|(?:\[[^\]]{1,80}\] |ERROR: ServiceError - |ERROR\s{1,9})?Failed to launch environment\.|(?:npm (?:ERR!|error)\s?)?(?:If you need help\b|A complete log\b)|npm (?:ERR!|error) (?:Darwin|Linux|Windows|argv|node|npm|cwd|errno|path|command)\b|status code: \d)/i

/** The name of an error with its words, as AWS and its tools print them. */
const CODED =
  /(?:^|[\s("'>:*.])(?!(?:RequestI[dD]|RequestToken|StatusCode|HostI[dD]|HandlerErrorCode|ErrorMessage|RespMetadata|TypeError|Description|GroupVersionKind|ResponseMetadata|Stack(?:Id|Name|Status)|(?:Logical|Physical)ResourceId|Resource(?:Type|Status)|CreationTime|LastUpdatedTime|DisableRollback):)(?:[A-Z][a-z0-9]{1,60}[A-Z][A-Za-z0-9]{0,120}|Forbidden|Unauthorized): (?!(?:building|creating|deploying|destroying|publishing)\b)\S|\bResource handler returned message: |\(Service: |HandlerErrorCode|<Message>|, Message: |\bMessage: Error\b|\bDescription=\S|[Pp]ermission denied|Access denied for |\bis forbidden: User "|\b40[0-9] (?:403 )?Forbidden\b|\breturned 40\d\b|^An error occurred \(/
const WITH_COLON =
  /(?:error|failed|fatal|denied|not authori[sz]ed|unable|cannot|can't|could not)\b.{0,200}:|:.{0,200}(?:error|failed|denied|cannot|can't)/i

/** `isSaid`: a line of the log says so; else nothing in it says that it failed. */
type LogFailure =
  | { readonly kind: 'succeeded'; readonly isSaid: boolean }
  | { readonly kind: 'failed'; readonly words: string | null }

/**
 * The verdict is the last one of the log: what failed and was retried did not fail. A log without a verdict failed where it names a
 * failure.
 */
export function failureInLog(log: string): LogFailure {
  const lines = oldestFirst(withWholeReasons(log.split('\n'))).map(plainLine)
  const rolledBack = new Set(lines.flatMap(line => (ROLLED_BACK.test(line) ? (stackIn(line) ?? []) : [])))
  const last = lines.findLastIndex(line => SUCCEEDED.test(line) && isWhole(line, rolledBack))
  const begins = last === -1 ? 0 : endOfFailure(lines, last)
  const failures = lines.slice(begins).filter(last === -1 ? isFailure : isVerdict)
  if (failures.length === 0 && (last !== -1 || !lines.some(line => CODED.test(line))))
    return { kind: 'succeeded', isSaid: last !== -1 }
  return { kind: 'failed', words: wordsOf(lines.slice(begins)) }
}

/** Words of an end, which count only in a log without a word of failure. */
const ENDED =
  /^\W{0,9}(?:done(?=[.!]|$| in \d)|(?:deploy(?:ment)?|build|job|pipeline) (?:is )?(?:done|finished|completed|succeeded)\b)/i

/** The last line that says that all is done, counted from 1. 0: none does. */
export const endedAt = (log: string): number => log.split('\n').findLastIndex(line => ENDED.test(plainLine(line))) + 1

const ROLLED_BACK = /ROLLBACK_(?:IN_P(?:ROGRESS)?|COMP(?:LETE)?|FAILED)\b/

/** False for a stack that is complete in a log where others are rolled back: it is nested in them, or another one. */
function isWhole(line: string, rolledBack: ReadonlySet<string>): boolean {
  const stack = rolledBack.size === 0 ? null : stackIn(line)
  return stack === null || rolledBack.has(stack)
}

/** The stack of a row of events: before its type, as Amplify prints it, or behind it. Null: the line is no row of a stack. */
function stackIn(line: string): string | null {
  const before = /_(?:IN_PROGRESS|COMPLETE|FAILED)\s{1,80}([\w-]{1,200})\s{1,80}AWS::CloudFormation::Stack\b/.exec(line)
  const behind = before ?? /\bAWS::CloudFormation::Stack[\s|/-]{1,200}([\w-]{1,200})/.exec(line)
  return behind?.[1] ?? null
}

const COLUMNS =
  /^(.{0,80}?)\b(?:CREATE|UPDATE|DELETE|IMPORT|ROLLBACK)_[A-Z_]{4,40}\s{2,80}\w{1,40}::\S{1,200}\s{2,200}\S{1,255}\s{2,255}(?=\S)/

/** SAM wraps a reason within its column, below its row. */
function withWholeReasons(lines: readonly string[]): readonly string[] {
  const whole = [...lines]
  let row: { readonly index: number; readonly from: number; readonly reasonAt: number } | null = null
  for (const [index, line] of lines.entries()) {
    const columns = COLUMNS.exec(line)
    if (columns !== null) row = { index, from: columns[1]?.length ?? 0, reasonAt: columns[0].length }
    else if (row !== null && line.slice(row.from, row.from + 10).trim() === '' && line.trim() !== '') {
      const { index: at, reasonAt } = row
      const isFull = (whole[at]?.length ?? 0) > MAX_LINE_CHARS
      if (isFull || line.slice(reasonAt - 2, reasonAt).trim() !== '') continue
      whole[at] = `${whole[at]?.trimEnd()} ${line.slice(reasonAt).trim()}`
      whole[index] = ''
    } else row = null
  }
  return whole
}

/** The console lists the events of a stack newest first. */
function oldestFirst(lines: readonly string[]): readonly string[] {
  const starts = lines.flatMap((line, index) => (isRow(line) && TIME.test(line) ? [index] : []))
  const times = starts.map(index => timeIn(lines[index] ?? ''))
  const isNewestFirst =
    times.every((time, at) => at === 0 || time <= (times[at - 1] ?? '')) && times[0] !== times.at(-1)
  const [first] = starts
  if (first === undefined || !isNewestFirst) return lines
  const rows = starts.map((start, at) => lines.slice(start, starts[at + 1] ?? lines.length))
  return [...lines.slice(0, first), ...rows.toReversed().flat()]
}
const TIME = /\b(\d{4}-\d\d-\d\d[T ])?(\d{1,2})(:\d\d:\d\d)\b(?:\s{0,2}([AP])M\b)?/

/** In an order of letters, of a clock of 12 hours too. */
function timeIn(line: string): string {
  const [, day = '', hour = '', rest = '', half] = TIME.exec(line) ?? []
  const hours = half === undefined ? Number(hour) : (Number(hour) % 12) + (half === 'P' ? 12 : 0)
  return `${day}${String(hours).padStart(2, '0')}${rest}`
}

/** From where on a failure counts: after the last success, or from the start where what failed before has another name. */
function endOfFailure(lines: readonly string[], last: number): number {
  const done = doneIn(lines[last] ?? '')
  if (done === null) return last + 1
  const failed = lines.slice(0, last).flatMap(line => /❌\s{1,4}(\S+)/u.exec(line)?.[1] ?? [])
  return failed.some(one => one !== done) || leavesOneRolledBack(lines.slice(0, last + 1)) ? 0 : last + 1
}

/** The stack that a line says is done. */
const doneIn = (line: string): string | null =>
  /✅\s{1,4}(\S+)/u.exec(line)?.[1] ?? /Successfully created\/updated stack - (\S+)/.exec(line)?.[1] ?? stackIn(line)

/** Whether a stack was rolled back and neither it nor the one that holds it was done later. */
function leavesOneRolledBack(lines: readonly string[]): boolean {
  const [rolledBackAt, doneAt] = [new Map<string, number>(), new Map<string, number>()]
  for (const [index, line] of lines.entries()) {
    const rolledBack = ROLLED_BACK.test(line) ? stackIn(line) : null
    if (rolledBack !== null) rolledBackAt.set(rolledBack, index)
    else if (SUCCEEDED.test(line))
      for (const name of [doneIn(line), /\(([\w-]{1,200})\)$/.exec(line)?.[1]]) if (name) doneAt.set(name, index)
  }
  return [...rolledBackAt].some(([stack, at]) => !withHolders(stack).some(name => (doneAt.get(name) ?? -1) > at))
}

/** A nested stack is named after the stacks that hold it: "orders-Queues-1ABC". */
function withHolders(stack: string): readonly string[] {
  const parts = stack.split('-')
  return parts.map((_, index) => parts.slice(0, index + 1).join('-'))
}

const MAX_LINE_CHARS = 20_000
const plainLine = (line: string): string => line.slice(0, MAX_LINE_CHARS).replace(STAMP, '').trimEnd()
const isFailure = (line: string): boolean => FAILURE.test(line) && FAILURE.test(line.replace(NONE_FAILED, ''))

/** Behind a success, names of outputs hold words of failures too. */
const isVerdict = (line: string): boolean => isFailure(line) && (CODED.test(line) || VERDICT.test(line))
const VERDICT =
  /^\W{0,9}(?:error|fatal|failed|failure|panic|npm ERR|✘|❌)|❌|\bexit(?:ed)? (?:with )?(?:code|status) [1-9]|\bJob failed\b|did not exit successfully|\bState: FAILED\b|✖(?! \d)|\b(?:CREATE|UPDATE|IMPORT)_FAILED\b|ROLLBACK_(?:IN_PROGRESS|COMPLETE|FAILED)\b/i

const MAX_WORDS_CHARS = 600

/** The first failure with the most to say. */
function wordsOf(lines: readonly string[]): string | null {
  let [best, at] = [-1, -1]
  for (const [index, line] of lines.entries()) {
    const worth = worthOf(line)
    if (worth > best) [best, at] = [worth, index]
    if (best === 5) break
  }
  return at === -1 ? null : sentenceFrom(lines, at)
}

function worthOf(line: string): number {
  const words = line.trim()
  if (words === '') return -1
  if (CANCELLED.test(words) || EMPTY_BEGINNING.test(words) || STEP.test(words)) return 0
  const isListed = NAMES_ONLY.test(words)
  if (!isListed && hasReason(words)) return 5
  if (EMPTY_WORDS.test(words)) return 0
  if (!isListed && CODED.test(words)) return 5
  if (!isFailure(words)) return 1
  if (isListed) return 2
  if (GOES_ON.test(words)) return 1
  return WITH_COLON.test(words) ? 4 : 3
}

/** A command, and lines of which tools say that they report no error. */
const GOES_ON =
  /\bProceeding anyway\b|^\W{0,3}(?:warn(?:ing)?|info|debug|notice)\b|^\[[ℹi▶!✔]\]|^[$⇒➜❯] |\brequested by (?:the )?user\b|^"(?:EventId|ResourceStatus)": /i
/** Only names what failed, also in a nested stack: the events of each resource say why. */
export const NAMES_ONLY = /\bThe following resource\(s\) failed\b/

/** Words that say that something failed, and not why: "The deployment d-123 seems to have failed." */
export const hasNoReason = (words: string): boolean =>
  NAMES_ONLY.test(words) ||
  FAILED_ONLY.test(words) ||
  STACK_FAILED.test(words) ||
  (EMPTY_WORDS.test(words) && !NAMED_ERROR.test(words))
/** What the CDK, SAM and the AWS CLI print behind the events. */
export const STACK_FAILED =
  /\bThe stack named (?<cdk>[A-Za-z][A-Za-z0-9-]{0,127}) failed [^:]{1,100}: [A-Z_]{8,60}$|\bFailed to create\/update the stack(?:: (?<sam>[A-Za-z][A-Za-z0-9-]{0,127}), Waiter |\. Run the following command\b)/
const NAMED_ERROR = /[a-z](?:Exception|Error|Fault|Denied|Exceeded)\b/
const FAILED_ONLY =
  /^(?:##\[error\])?\W{0,9}(?:error: )?(?:the )?(?:deploy(?:ment)?|build|job|pipeline)(?: [\w/-]{1,80})?(?: has| seems to have)? failed[.!]{0,3}$/i

/** A row of a stack's events with words at its end. Serverless prints "CloudFormation - CREATE_FAILED - type - name", without any. */
const hasReason = (row: string): boolean =>
  /\b(?:CREATE|UPDATE|DELETE|IMPORT)_FAILED\b/.test(row) &&
  (isRow(row) || STATUS.exec(row)?.index === 0) &&
  !row.startsWith('CloudFormation - ') &&
  (/\S \S{1,80} \S/.test(row.slice(row.lastIndexOf('|') + 1).trim()) ||
    /\w::\S{1,100}\s{2,200}\S{1,255}\s{2,200}\w/.test(row))

/** From the line on, with the lines that go on with it. A line that is too long: from its error on. */
function sentenceFrom(lines: readonly string[], at: number): string {
  const words: string[] = [lines[at]?.trim() ?? '']
  for (let next = at + 1; next < lines.length && words.join(' ').length < MAX_WORDS_CHARS; next += 1) {
    const line = lines[next]?.trim() ?? ''
    if (line === '' || NEXT_PART.test(line) || isRow(line) || STEP.test(line)) break
    words.push(line)
  }
  const whole = words.join(' ')
  if (whole.length <= MAX_WORDS_CHARS) return whole
  const coded = CODED.exec(whole)
  const member = coded === null || coded[0].endsWith('{') ? MEMBER.exec(whole) : null
  if (member !== null) return member[0].slice(0, MAX_WORDS_CHARS)
  const error = coded?.index ?? 0
  const from = error < MAX_WORDS_CHARS / 2 ? 0 : error
  return whole.slice(from, from + MAX_WORDS_CHARS).trim()
}

const NEXT_PART =
  /^(?:with |on \S{1,300} line|at |status code|Phase (?:complete|context)|Entering phase|Running command|Command did not exit|Physical ID:|Client Request Token:|\*|Error\b|error\b|ERROR|fatal|Wraps|Please |For more|<|\{|\}|\d{4}[-/]\d|\[[ℹi▶!✔✖]\]|[✔✓✘✖✅❌] |##\[|[-=*_]{3})/
/** The member of a JSON that says why. */
const MEMBER = /"(?:StackStatusReason|errorMessage|message)": ?"(?:[^"\\]|\\.){1,1000}"?/

/** Of Copilot, whose reason is below: "- An IAM role  [create failed]  [2.8s]". */
const STEP = /\[[a-z ]{4,40}\]\s{1,40}\[[\d.]{1,12}s\]$/

/** A row of a stack's events. */
const isRow = (line: string): boolean => STATUS.test(line) && /\w::\w|\|/.test(line)
/** The CDK cuts long ones. */
const STATUS = /(?:CREATE|UPDATE|DELETE|IMPORT|ROLLBACK)_(?:IN_P(?:ROGRESS)?|COMP(?:LETE)?|FAILED)\b/
