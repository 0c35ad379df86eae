/** Cards per day as static SVG, in the colours of the page. */
import { type Html, html } from '../../../functions/domain/messages/index.ts'
import type { BacktestOutput } from '../../outputs/backtest.ts'

type Days = BacktestOutput['byDay']

const DAY_MS = 86_400_000
/** The limit for showing days without denials. Enough for a year. */
const MAX_DAYS = 400
const WIDTH = 960
const HEIGHT = 220
const LEFT = 44
const BOTTOM = 24
const TOP = 16
const MAX_LABELS = 8

export function dayChart(byDay: Days): Html {
  if (byDay.length === 0) return html`<p>No day had a denial.</p>`
  const days = everyDay(byDay)
  const most = Math.max(1, ...days.map(({ cards }) => cards))
  const step = (WIDTH - LEFT) / days.length
  const base = HEIGHT - BOTTOM
  const tall = (cards: number) => (cards / most) * (base - TOP)
  const everyLabel = Math.ceil(days.length / MAX_LABELS)
  const bars = days.map(({ day, denials, cards }, at) => {
    const height = tall(cards)
    return html`<rect x="${fixed(LEFT + at * step + step * 0.1)}" y="${fixed(base - height)}" width="${fixed(step * 0.8)}" height="${fixed(height)}"><title>${day}: ${cards} cards, ${denials} denials</title></rect>`
  })
  const labels = days.flatMap(({ day }, at) =>
    at % everyLabel === 0 ? [html`<text x="${fixed(LEFT + at * step)}" y="${HEIGHT - 6}">${day}</text>`] : [],
  )
  return html`<svg class="days" role="img" aria-label="Cards per day" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}">
<line x1="${LEFT}" x2="${WIDTH}" y1="${base}" y2="${base}"></line><line x1="${LEFT}" x2="${WIDTH}" y1="${TOP}" y2="${TOP}"></line>
<text x="${LEFT - 6}" y="${TOP + 4}" text-anchor="end">${most}</text><text x="${LEFT - 6}" y="${base}" text-anchor="end">0</text>
${bars}${labels}</svg>`
}

const fixed = (value: number): string => value.toFixed(1)

/** Adds the days in between, unless they are too many. */
function everyDay(byDay: Days): Days {
  const known = new Map(byDay.map(one => [one.day, one]))
  const first = Date.parse(byDay[0]?.day ?? '')
  const span = (Date.parse(byDay.at(-1)?.day ?? '') - first) / DAY_MS
  if (!(span < MAX_DAYS)) return byDay.slice(0, MAX_DAYS)
  return Array.from({ length: Math.round(span) + 1 }, (_, at) => {
    const day = new Date(first + at * DAY_MS).toISOString().slice(0, 10)
    return known.get(day) ?? { day, denials: 0, cards: 0 }
  })
}
