/**
 * A back-test for a terminal: the cards per day, their subjects, how often the evaluator agrees with AWS, and which settings
 * send fewer cards.
 */
import { neutralText } from '../../../core/base/index.ts'
import { type AnsiStyles, ansiStyles } from '../../ansi.ts'
import type { BacktestOutput } from '../../outputs/backtest.ts'
import { type Calibration, disagreementsIn } from '../../use-cases/backtest/calibration.ts'
import { MAX_REPLAYED } from '../../use-cases/backtest/setting-effects.ts'
import type { Summary } from '../../use-cases/backtest/summary.ts'

const SHOWN = 5

export function backtestText(summary: Summary, { colour }: { readonly colour: boolean }): string {
  const ink = ansiStyles(colour)
  const { output, days } = summary
  const { records, from, to, denials, distinct, byCause, byVerdict, byRisk } = output
  const unread = unreadText(output, ', ')
  return [
    `${ink.bold(countedText(records, 'record'))} of ${countedText(days, 'day')}, ${from} to ${to}${unread}`,
    `${countedText(denials, 'denial')} of a passed or assumed role, ${number(distinct)} different`,
    '',
    `${ink.bold(countedText(output.cards, 'card'))}: ${perDay(summary)} a day, ${number(output.cardsOnBusiestDay)} on the busiest day`,
    ...cardLines(summary).map(line => `  ${line}`),
    ...table('Cause', byCause, ink),
    ...table('Verdict', byVerdict, ink),
    ...table('Risk of the change', byRisk, ink),
    ...top('Most denied', output.topPrincipals, ink),
    ...top('Most denied roles', output.topRoles, ink),
    ...calibrationLines(output.calibration, ink),
    ...effectLines(summary, ink),
    '',
  ].join('\n')
}

/** What the numbers do not include, each line after `mark`. */
export function unreadText({ unreadable, notRead }: BacktestOutput, mark: string): string {
  const others = notRead.length - unreadable
  return [
    ...(unreadable === 0 ? [] : [`${mark}${countedText(unreadable, 'file')} not read to the end`]),
    ...(others <= 0 ? [] : [`${mark}${countedText(others, 'file')} not read`]),
  ].join('')
}

export const number = (value: number): string => value.toLocaleString('en')

export const decimal = (value: number): string => value.toLocaleString('en', { maximumFractionDigits: 1 })

export const countedText = (value: number, noun: string): string =>
  `${number(value)} ${value === 1 ? noun : `${noun}s`}`

export function perDay({ output, days }: Summary): string {
  return decimal(days === 0 ? 0 : output.cards / days)
}

export function cardLines({ output, cardsAgain, cardsInLists, quietHours, noise }: Summary): readonly string[] {
  const { cards, stormLists, calibration, notRead, solvedThemselves } = output
  return [
    ...(solvedThemselves === 0
      ? []
      : [
          `${countedText(solvedThemselves, 'denial')} needed nothing: the same call worked soon after, and the records show no change between. Cards that this closes, not counted: ${number(noise)}`,
        ]),
    ...(notRead.length === 0
      ? []
      : [`${countedText(notRead.length, 'file')} not read: the real number of cards may be higher`]),
    ...(stormLists === 0
      ? []
      : [
          `${number(cardsInLists)} of the cards are in the threads of ${countedText(stormLists, 'storm list')}, not in the channel`,
        ]),
    ...(cardsAgain === 0
      ? []
      : [
          `${number(cardsAgain)} of the cards are for a denial that had one before. In this count nobody answers a card: an approval ends them, a rejection keeps them quiet for ${quietHours} h`,
        ]),
    ...(calibration === null && cards > 0
      ? ['without --account no policy was read: the causes are what AWS says, and some cards would not have been sent']
      : []),
  ]
}

function table(title: string, counts: { readonly [name: string]: number }, ink: AnsiStyles): readonly string[] {
  const rows = Object.entries(counts)
  if (rows.length === 0) return []
  return [
    '',
    ink.bold(title),
    ...rows.map(([name, count]) => `${number(count).padStart(8)}  ${neutralText(name, 200)}`),
  ]
}

function top(title: string, list: BacktestOutput['topRoles'], ink: AnsiStyles): readonly string[] {
  if (list.length === 0) return []
  const rows = list.slice(0, SHOWN)
  return [
    '',
    ink.bold(title),
    ...rows.map(({ arn, denials }) => `${number(denials).padStart(8)}  ${neutralText(arn, 300)}`),
  ]
}

function calibrationLines(calibration: Calibration | null, ink: AnsiStyles): readonly string[] {
  if (calibration === null)
    return [
      '',
      `${ink.bold('Calibration')}: needs --account FILE (aws iam get-account-authorization-details prints one)`,
    ]
  const lines = calibrationText(calibration)
  const shown = calibration.disagreements.slice(0, SHOWN)
  const more = disagreementsIn(calibration) - shown.length
  return [
    '',
    ink.bold('Calibration: would rolemedic have answered as AWS did?'),
    ...lines.map(line => `  ${line}`),
    ...shown.map(
      ({ eventId, aws, rolemedic, why }) =>
        `  ${ink.yellow('differs')} ${neutralText(eventId, 100)}: AWS ${aws}, rolemedic ${rolemedic}: ${neutralText(why, 400)}`,
    ),
    ...(more > 0 ? [`  and ${number(more)} more`] : []),
  ]
}

export function calibrationText(calibration: Calibration): readonly string[] {
  const { allowedCalls, evaluatedAllowed, deniedCalls, evaluatedDenied, unknown } = calibration
  const calls = allowedCalls + deniedCalls
  if (calls === 0) return ['no call in the records passed or assumed a role']
  return [
    `${number(evaluatedAllowed)} of ${number(allowedCalls)} calls that AWS allowed: allowed here too`,
    `${number(evaluatedDenied)} of ${number(deniedCalls)} calls that AWS denied: denied here too`,
    `${number(unknown)} not known: the given accounts lack the caller, the role or what decides`,
    `${number(disagreementsIn(calibration))} differ`,
  ]
}

function effectLines(summary: Summary, ink: AnsiStyles): readonly string[] {
  if (summary.output.cards === 0) return []
  const lines = effectTexts(summary)
  if (lines.length === 0) return ['', `${ink.bold('Settings')}: ${noEffectText(summary)}`]
  return ['', ink.bold('Settings that would have sent less'), ...lines.map(line => `  ${line}`)]
}

export const noEffectText = ({ output }: Summary): string =>
  output.denials > MAX_REPLAYED
    ? `not tried, with more than ${number(MAX_REPLAYED)} denials`
    : 'of those that were tried, none would have sent less'

/** Only settings that send less. */
export function effectTexts({ sent, effects }: Summary): readonly string[] {
  return effects.map(effect => {
    const { setting, now, instead } = effect
    const less = (
      [
        ['cards', 'card', 'cards'],
        ['messages', 'message in the channels', 'messages in the channels'],
        ['busiest', 'on the busiest day of a channel', 'on the busiest day of a channel'],
      ] as const
    ).flatMap(([name, one, several]) =>
      effect[name] < sent[name]
        ? [`${number(effect[name])} ${effect[name] === 1 ? one : several} instead of ${number(sent[name])}`]
        : [],
    )
    return `${setting} ${instead} (now ${now}): ${less.join(', ')}`
  })
}
