/** The charts of the report as static SVG, so that the page needs no network and no script. */

import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'
import { neutralText } from '../../../../core/base/index.ts'
import type { AuditKind, AuditReport, Case, Lane, ReportEvent } from '../../../../functions/domain/audit/index.ts'
import { type Html, html, trusted } from '../../../../functions/domain/messages/index.ts'
import { iso } from './rows.ts'
import { timeTicks } from './time-ticks.ts'

/** Each chart is rendered for a wide page and for a phone, because scaled-down text would be unreadable. */
const SIZES = [
  { name: 'wide', width: 960, bins: 120, ticks: 7 },
  { name: 'narrow', width: 350, bins: 40, ticks: 3 },
] as const
type Size = (typeof SIZES)[number]

/** Lanes also differ in shape, for print and for color-blind readers. */
const LANES: { readonly [lane in Lane]: { readonly colour: string; readonly symbol: string } } = {
  denial: { colour: 'var(--denial)', symbol: 'times' },
  decision: { colour: 'var(--decision)', symbol: 'diamond2' },
  change: { colour: 'var(--change)', symbol: 'circle' },
  end: { colour: 'var(--quiet)', symbol: 'square2' },
}
const NAMES = Object.keys(LANES) as readonly Lane[]
/** From top to bottom. One approval may not be enough: the case shows when it is. */
const ROWS: { readonly [kind in AuditKind]: string } = {
  'denial-seen': 'denial-seen',
  proposed: 'proposed',
  refused: 'refused',
  'did-not-help': 'did-not-help',
  approved: 'approval',
  'break-glass': 'break-glass',
  rejected: 'rejected',
  forged: 'forged',
  expired: 'expired',
  stale: 'stale',
  'pull-request': 'pull-request',
  'apply-intended': 'apply-intended',
  applied: 'applied',
  confirmed: 'confirmed',
  'apply-failed': 'apply-failed',
  'revert-intended': 'revert-intended',
  reverted: 'reverted',
  'revert-failed': 'revert-failed',
}
const rowOf = (kind: AuditKind): string => ROWS[kind]

/** Beyond this number, marks overlap, so one mark then represents all of its kind in a period. */
const MAX_MARKS = 400

type Mark = {
  readonly atMs: number
  readonly row: string
  readonly lane: Lane
  readonly count: number
  readonly title: string
}

export function timeline({ events, fromMs, toMs }: AuditReport): Html {
  const rows = Object.values(ROWS).filter(row => events.some(({ kind }) => rowOf(kind) === row))
  return inEachSize(size => {
    const marks = events.length <= MAX_MARKS ? events.map(markOf) : binned(events, fromMs ?? 0, toMs ?? 0, size.bins)
    return svg(size, {
      ariaLabel: 'Denials, decisions and changes over time',
      height: 60 + rows.length * 24,
      marginLeft: 110,
      marginRight: 45,
      x: timeAxis(fromMs, toMs, size),
      y: { domain: rows, label: null, grid: true },
      color: { domain: NAMES, range: NAMES.map(name => LANES[name].colour) },
      symbol: { domain: NAMES, range: NAMES.map(name => LANES[name].symbol) },
      marks: [
        Plot.dot(marks, {
          x: ({ atMs }: Mark) => new Date(atMs),
          y: 'row',
          stroke: 'lane',
          symbol: 'lane',
          strokeWidth: 2,
          r: ({ count }: Mark) => 3 + Math.min(7, Math.log2(count)),
          title: 'title',
        }),
      ],
      r: { type: 'identity' },
    })
  })
}

function markOf({ atMs, kind, lane, principal, resource, by }: ReportEvent): Mark {
  const title = [chartTime(atMs), rowOf(kind), principal, resource, by].filter(Boolean).join('\n')
  return { atMs, row: rowOf(kind), lane, count: 1, title: neutralText(title, 500) }
}

function binned(events: readonly ReportEvent[], fromMs: number, toMs: number, bins: number): readonly Mark[] {
  const width = Math.max(1, (toMs - fromMs) / bins)
  const groups = Map.groupBy(
    events,
    ({ kind, atMs }) => `${rowOf(kind)} ${Math.min(bins - 1, Math.floor((atMs - fromMs) / width))}`,
  )
  return [...groups.values()].flatMap(all => {
    const [first] = all
    if (first === undefined) return []
    if (all.length === 1) return [markOf(first)]
    const start = fromMs + Math.floor((first.atMs - fromMs) / width) * width
    const title = `${all.length} × ${rowOf(first.kind)}\n${chartTime(start)} to ${chartTime(start + width)}`
    return [{ atMs: start + width / 2, row: rowOf(first.kind), lane: first.lane, count: all.length, title }]
  })
}

type Wait = { readonly atMs: number; readonly minutes: number; readonly most: number; readonly title: string }

export function approvalTimes({ cases, fromMs, toMs }: AuditReport): Html {
  const waits = cases.flatMap(one => (one.approveMs === null ? [] : [waitOf(one, one.approveMs)]))
  return inEachSize(size => {
    const marks = waits.length <= MAX_MARKS ? waits : medians(waits, size.bins)
    return svg(size, {
      ariaLabel: 'Minutes from the card to its approval',
      height: 220,
      marginLeft: 60,
      marginRight: 45,
      x: timeAxis(fromMs, toMs, size),
      y: { label: 'minutes', grid: true, zero: true, nice: true },
      marks: [
        Plot.ruleY([0]),
        Plot.ruleX(marks, {
          x: ({ atMs }: Wait) => new Date(atMs),
          y: 'most',
          stroke: LANES.decision.colour,
          strokeOpacity: 0.4,
        }),
        Plot.dot(marks, {
          x: ({ atMs }: Wait) => new Date(atMs),
          y: 'minutes',
          fill: LANES.decision.colour,
          r: 4,
          title: 'title',
        }),
      ],
    })
  })
}

function waitOf({ id, firstAtMs, approvals }: Case, approveMs: number): Wait {
  const minutes = approveMs / 60_000
  const people = approvals.given.map(({ by }) => by.name).join(', ')
  return {
    atMs: firstAtMs,
    minutes,
    most: minutes,
    title: neutralText(`${id}\n${minutes.toFixed(1)} minutes\n${people}`, 500),
  }
}

function medians(waits: readonly Wait[], bins: number): readonly Wait[] {
  const times = waits.map(({ atMs }) => atMs)
  const fromMs = times.reduce((a, b) => Math.min(a, b))
  const width = Math.max(1, (times.reduce((a, b) => Math.max(a, b)) - fromMs) / bins)
  return [...Map.groupBy(waits, ({ atMs }) => Math.min(bins - 1, Math.floor((atMs - fromMs) / width)))].map(
    ([bin, all]) => {
      const minutes = all.map(one => one.minutes).sort((a, b) => a - b)
      const median = minutes[Math.floor((minutes.length - 1) / 2)] ?? 0
      const most = minutes.at(-1) ?? 0
      const title = `${all.length} cards: median ${median.toFixed(1)}, slowest ${most.toFixed(1)} minutes`
      return { atMs: fromMs + (bin + 0.5) * width, minutes: median, most, title }
    },
  )
}

const inEachSize = (render: (size: Size) => Html): Html =>
  html`${SIZES.map(size => html`<div class="${size.name}">${render(size)}</div>`)}`

function svg({ width }: Size, options: Plot.PlotOptions): Html {
  const { document } = parseHTML('<!doctype html><html><body></body></html>')
  const figure = Plot.plot({
    document: document as unknown as NonNullable<Plot.PlotOptions['document']>,
    width,
    style: { fontSize: '12px', background: 'none' },
    ...options,
  })
  // The image has one label. Labels of its parts are not read, and groups must not have any.
  for (const part of figure.querySelectorAll('[aria-label]')) {
    part.setAttribute('class', (part.getAttribute('aria-label') ?? '').replaceAll(' ', '-'))
    part.removeAttribute('aria-label')
  }
  figure.setAttribute('role', 'img')
  // The serializer escapes what Plot creates. Names of people and roles occur only in text nodes.
  return trusted(figure.outerHTML)
}

function timeAxis(fromMs: number | null, toMs: number | null, { ticks }: Size): Plot.ScaleOptions {
  const axis = timeTicks(fromMs ?? 0, Math.max(toMs ?? 0, (fromMs ?? 0) + 60_000), ticks)
  return {
    type: 'utc',
    domain: [new Date(axis.fromMs), new Date(axis.toMs)],
    grid: true,
    label: null,
    ticks: axis.ticks.map(ms => new Date(ms)),
    tickFormat: (date: Date) => axis.label(date.getTime()),
  }
}

export const chartTime = (ms: number) => `${iso(ms).slice(0, -5).replace('T', ' ')} UTC`
