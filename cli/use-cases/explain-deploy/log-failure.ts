/** Whether the log of a deploy ends in a failure, and the words that say why. */

/** What tools print last where all went well. */
const SUCCEEDED =
  /^(?:.{0,80}\s)?(?:(?:Apply|Destroy) complete!|Successfully created\/updated stack\b|Service deployed\b|✅|(?:✔|✓) .{0,60}(?:deployed|complete)|No changes\. |Update succeeded\b|Finished: SUCCESS\b|Job succeeded\b|Deployment (?:succeeded|complete)\b|BUILD State: SUCCEEDED\b|no changes to deploy\b)|\b(?:CREATE|UPDATE|IMPORT)_COMPLETE\b.{0,40}AWS::CloudFormation::Stack\b/i

/** Words of a failure, also within names of errors. */
const FAILURE =
  /(?<![A-Za-z])(?:errors?|fail(?:ed|s|ure|ures)?|fatal|panic|denied|exceptions?|aborted|forbidden|unauthori[sz]ed|not authori[sz]ed|unable to|cannot|can't|could not|couldn't|invalid|expired|insufficient|missing|not found|already exists|must (?:be|have)|has no role|does(?:n't| not) (?:have|exist|give)|not (?:allow|permit|support)|time[d ]?out|ERR!|should have|request cancell?ed|usage:)(?![A-Za-z])|[a-z](?:Exception|Error|Fault|Denied|Exceeded)\b|UnauthorizedOperation\b|[A-Z]_FAILED\b|ROLLBACK|\b40[0139]\b|❌|✘/i
/** Counts of nothing: "12 passed, 0 failed". */
const NONE_FAILED =
  /\b(?:0|no|zero|without(?: any)?) (?:tests? |checks? |resources? )?(?:errors?|failures?|failed)\b|\b(?:errors?|failures?|failed)[:=] ?0\b/gi

const STAMP =
  /^(?:\d{1,4} \| |\[Container\] \S{1,40} \S{1,40} |\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?Z?(?:[ \t]UTC(?:[+-]\d{4})?)?\]?[ \t]?|level=\w{1,20}(?: msg=)?|[ \t│┃╷╵|]{1,400}){1,40}/
const CANCELLED = /\bResource (?:creation|update|deletion|import) cancell?ed\b/i
/** These name no reason: heads of lists, ends of jobs, traces, progress. */
const EMPTY_WORDS =
  /^(?:.{0,300}:|Error|errors?|.{0,60}\berrors?(?:\(s\))? occurred:|.{0,40}\bexit(?:ed)? (?:with )?(?:code|status) \d{1,3}|.{0,60}Process completed with exit code \d{1,10}\.?|<\/?[A-Za-z]{1,80}>|at .{0,300}|(?:npm (?:ERR!|error)\s?)?(?:code E\w{1,80})?)$/i
/** Nor does any line that begins so. */
const EMPTY_BEGINNING =
  /^(?:usage: |ERROR: Job failed\b|(?:\[[^\]]{1,80}\] |ERROR: ServiceError - |ERROR\s{1,9})?Failed to launch environment\.|(?:npm (?:ERR!|error)\s?)?(?:If you need help\b|A complete log\b)|status code: \d|.{0,20}The following resource\(s\) failed\b)/i

/** The name of an error with its words, as AWS and its tools print them. */
const CODED =
  /(?:^|[\s("'>:*.])(?!(?:RequestI[dD]|RequestToken|StatusCode|HostI[dD]|HandlerErrorCode|ErrorMessage|RespMetadata|TypeError|Description):)(?:[A-Z][a-z0-9]{1,60}[A-Z][A-Za-z0-9]{0,120}|Forbidden|Unauthorized): (?!(?:building|creating|deploying|destroying|publishing)\b)\S|\bResource handler returned message: |\(Service: |HandlerErrorCode|<Message>|"message": "|, Message: |\bMessage: Error\b|\bDescription=\S|[Pp]ermission denied|Access denied for |\b40[0-9] (?:403 )?Forbidden\b|\breturned 40\d\b|^An error occurred \(/
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
  const lines = log.split('\n').map(plainLine)
  const last = lines.findLastIndex(line => SUCCEEDED.test(line))
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

/** From where on a failure counts: after the last success, or from the start where what failed before has another name. */
function endOfFailure(lines: readonly string[], last: number): number {
  const named = /(?:✅|❌)\s{1,4}(\S+)/u
  const done = named.exec(lines[last] ?? '')?.[1]
  const failed = lines.slice(0, last).flatMap(line => (line.includes('❌') ? (named.exec(line)?.[1] ?? []) : []))
  return done !== undefined && failed.some(one => one !== done) ? 0 : last + 1
}

const MAX_LINE_CHARS = 20_000
const plainLine = (line: string): string => line.slice(0, MAX_LINE_CHARS).replace(STAMP, '').trimEnd()
const isFailure = (line: string): boolean => FAILURE.test(line) && FAILURE.test(line.replace(NONE_FAILED, ''))

/** Behind a success, names of outputs hold words of failures too. */
const isVerdict = (line: string): boolean => isFailure(line) && (CODED.test(line) || VERDICT.test(line))
const VERDICT =
  /^\W{0,9}(?:error|fatal|failed|failure|panic|npm ERR|✘|❌)|❌|\bexit(?:ed)? (?:with )?(?:code|status) [1-9]|\bJob failed\b|did not exit successfully|\bState: FAILED\b/i

const MAX_WORDS_CHARS = 600

/** The first failure with the most to say. */
function wordsOf(lines: readonly string[]): string | null {
  let [best, at] = [-1, -1]
  for (const [index, line] of lines.entries()) {
    const worth = worthOf(line)
    if (worth > best) [best, at] = [worth, index]
    if (best === 4) break
  }
  return at === -1 ? null : sentenceFrom(lines, at)
}

function worthOf(line: string): number {
  const words = line.trim()
  if (words === '') return -1
  if (CANCELLED.test(words) || EMPTY_WORDS.test(words) || EMPTY_BEGINNING.test(words)) return 0
  if (CODED.test(words) || hasReason(words)) return 4
  if (!isFailure(words) || GOES_ON.test(words)) return 1
  return WITH_COLON.test(words) ? 3 : 2
}

const GOES_ON = /\bProceeding anyway\b|^\W{0,3}(?:warn(?:ing)?|info|debug|notice)\b/i

/** A row of a stack's events with words at its end. */
const hasReason = (row: string): boolean =>
  /\b(?:CREATE|UPDATE|DELETE|IMPORT)_FAILED\b/.test(row) &&
  /\S \S{1,80} \S/.test(row.slice(row.lastIndexOf('|') + 1).trim())

/** From the line on, with the lines that go on with it. A line that is too long: from its error on. */
function sentenceFrom(lines: readonly string[], at: number): string {
  const words: string[] = [lines[at]?.trim() ?? '']
  for (let next = at + 1; next < lines.length && words.join(' ').length < MAX_WORDS_CHARS; next += 1) {
    const line = lines[next]?.trim() ?? ''
    if (line === '' || NEXT_PART.test(line)) break
    words.push(line)
  }
  const whole = words.join(' ')
  if (whole.length <= MAX_WORDS_CHARS) return whole
  const error = CODED.exec(whole)?.index ?? 0
  const from = error < MAX_WORDS_CHARS / 2 ? 0 : error
  return whole.slice(from, from + MAX_WORDS_CHARS).trim()
}

const NEXT_PART =
  /^(?:with |on \S{1,300} line|at |status code|\*|Error\b|error\b|ERROR|fatal|Wraps|Please |For more|<|\{|\}|\d{4}-|[-=*_]{3})/
