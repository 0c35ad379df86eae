/** The charts of the report as static SVG, so that the page needs no network and no script to show them. */
import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'
import type { AuditReport, Case, Lane, ReportEvent, Tally } from '../../../functions/domain/audit/audit-report.ts'
import { type Html, trusted } from '../../../simulator/web-ui/html.ts'

const WIDTH = 960
/** Also different in shape, for print and for people who cannot tell the colours apart. */
const LANES: { readonly [lane in Lane]: { readonly colour: string; readonly symbol: string } } = {
  denial: { colour: '#b3261e', symbol: 'times' },
  decision: { colour: '#6750a4', symbol: 'diamond2' },
  change: { colour: '#146c43', symbol: 'circle' },
}
const NAMES = Object.keys(LANES) as readonly Lane[]
const ROWS = [
  'denial-seen',
  'proposed',
  'refused',
  'did-not-help',
  'approved',
  'break-glass',
  'rejected',
  'expired',
  'apply-intended',
  'applied',
  'confirmed',
  'stale',
  'apply-failed',
  'revert-intended',
  'reverted',
  'revert-failed',
]

export function timeline({ events, fromMs, toMs }: AuditReport): Html {
  const rows = ROWS.filter(row => events.some(event => event.kind === row))
  return svg({
    ariaLabel: 'Denials, decisions and changes over time',
    height: 60 + rows.length * 24,
    marginLeft: 120,
    marginRight: 50,
    x: timeAxis(fromMs, toMs),
    y: { domain: rows, label: null, grid: true },
    color: { domain: NAMES, range: NAMES.map(name => LANES[name].colour) },
    symbol: { domain: NAMES, range: NAMES.map(name => LANES[name].symbol) },
    marks: [
      Plot.dot(events, {
        x: (event: ReportEvent) => new Date(event.atMs),
        y: 'kind',
        stroke: 'lane',
        symbol: 'lane',
        strokeWidth: 2,
        r: 4,
        title: (event: ReportEvent) =>
          [utc(event.atMs), event.kind, event.principal, event.resource, event.by].filter(Boolean).join('\n'),
      }),
    ],
  })
}

export function approvalTimes({ cases, fromMs, toMs }: AuditReport): Html {
  const approved = cases.filter(one => one.approveMs !== null)
  const minutes = (one: Case) => (one.approveMs ?? 0) / 60_000
  return svg({
    ariaLabel: 'Minutes from the card to its approval',
    height: 220,
    marginLeft: 60,
    marginRight: 50,
    x: timeAxis(fromMs, toMs),
    y: { label: 'minutes', grid: true, zero: true, nice: true },
    marks: [
      Plot.ruleY([0]),
      Plot.ruleX(approved, {
        x: (one: Case) => new Date(one.firstAtMs),
        y: minutes,
        stroke: LANES.decision.colour,
        strokeOpacity: 0.4,
      }),
      Plot.dot(approved, {
        x: (one: Case) => new Date(one.firstAtMs),
        y: minutes,
        fill: LANES.decision.colour,
        r: 4,
        title: (one: Case) => `${one.id}\n${minutes(one).toFixed(1)} minutes\n${one.decidedBy.join(', ')}`,
      }),
    ],
  })
}

export function barChart(tallies: readonly Tally[], ariaLabel: string): Html {
  return svg({
    ariaLabel,
    width: WIDTH / 2,
    height: 40 + tallies.length * 26,
    marginLeft: 230,
    marginRight: 30,
    x: { axis: null, zero: true },
    y: { domain: tallies.map(one => one.name), label: null, tickFormat: (name: string) => lastPart(name) },
    marks: [
      Plot.barX(tallies, { x: 'count', y: 'name', fill: '#5b6b7f', title: 'name' }),
      Plot.text(tallies, { x: 'count', y: 'name', text: 'count', textAnchor: 'start', dx: 5 }),
    ],
  })
}

function svg(options: Plot.PlotOptions): Html {
  const { document } = parseHTML('<!doctype html><html><body></body></html>')
  const figure = Plot.plot({
    document: document as unknown as NonNullable<Plot.PlotOptions['document']>,
    width: WIDTH,
    style: { fontSize: '12px', background: 'none' },
    ...options,
  })
  figure.setAttribute('role', 'img')
  // The serializer escapes what Plot creates; names of people and roles occur only in text nodes.
  return trusted(figure.outerHTML)
}

const DAY_MS = 86_400_000

function timeAxis(fromMs: number | null, toMs: number | null): Plot.ScaleOptions {
  const from = fromMs ?? 0
  const to = Math.max(toMs ?? 0, from + 60_000)
  const span = to - from
  const [start, end] = span < DAY_MS * 0.8 ? [11, 16] : span < 6 * DAY_MS ? [5, 16] : [0, 10]
  return {
    type: 'utc',
    domain: [new Date(from), new Date(to)],
    nice: true,
    grid: true,
    label: null,
    tickFormat: (date: Date) => date.toISOString().slice(start, end).replace('T', ' '),
    ticks: 8,
  }
}

export const utc = (ms: number) => `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`

/** The end of an ARN is the name that people know; the tooltip and the table have the whole ARN. */
function lastPart(arn: string): string {
  const name = arn.split(/[:/]/).slice(-2).join('/')
  return name.length > 32 ? `…${name.slice(-31)}` : name
}
