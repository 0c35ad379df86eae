import { accountsOf, approversOf, csvOf, duration, figuresOf } from './figures.js'

const data = JSON.parse(document.querySelector('#data').textContent)
const rows = data.cases
const form = document.querySelector('#filters')
const items = new Map([...document.querySelectorAll('.case')].map(item => [item.id, item]))
const texts = new Map()
let shown = rows

const textOf = row => {
  const text = texts.get(row) ?? JSON.stringify(row).toLowerCase()
  texts.set(row, text)
  return text
}

function given() {
  const values = Object.fromEntries(new FormData(form))
  return {
    ...values,
    principal: values.principal.trim().toLowerCase(),
    words: values.text.toLowerCase().split(/\s+/).filter(Boolean),
  }
}

function fits(row, { from, to, account, principal, outcome, words }) {
  const day = row.firstSeen.slice(0, 10)
  return (
    (from === '' || day >= from) &&
    (to === '' || day <= to) &&
    (account === '' || row.account === account) &&
    (outcome === '' || row.outcome === outcome) &&
    (principal === '' || row.principal.toLowerCase().includes(principal)) &&
    words.every(word => textOf(row).includes(word))
  )
}

function filter() {
  const wanted = given()
  shown = rows.filter(row => fits(row, wanted))
  const visible = new Set(shown)
  for (const row of rows) {
    const item = items.get(`case-${row.proposal}`)
    if (item && item.hidden === visible.has(row)) item.hidden = !visible.has(row)
  }
  const isAll = shown.length === rows.length
  document.querySelector('#shown').textContent = `${shown.length} of ${rows.length} cases`
  document.querySelector('#figures-of').textContent = isAll
    ? `${rows.length} cases of the log`
    : `${shown.length} of ${rows.length} cases that the filter shows`
  showFigures()
}

function showFigures() {
  const figures = figuresOf(shown)
  for (const place of document.querySelectorAll('[data-figure]')) {
    const name = place.dataset.figure
    place.textContent = name.endsWith('Seconds') ? duration(figures[name]) : String(figures[name])
  }
  fill('#approvers', approversOf(shown), one => [
    one.name,
    one.approvals,
    one.completed,
    one.breakGlass,
    one.rejected,
    duration(one.medianSeconds),
  ])
  fill('#accounts', accountsOf(shown), one => [
    one.account,
    one.denials,
    one.changed,
    one.standing,
    one.reverted,
    one.rejected,
    duration(one.medianSeconds),
  ])
}

function fill(place, list, cellsOf) {
  const lines = list.map(one => {
    const line = document.createElement('tr')
    for (const [index, text] of cellsOf(one).entries()) {
      const cell = document.createElement(index === 0 ? 'th' : 'td')
      if (index === 0) cell.scope = 'row'
      else cell.className = 'number'
      cell.textContent = text
      line.append(cell)
    }
    return line
  })
  document.querySelector(place).replaceChildren(...lines)
}

function save(name, type, text) {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([text], { type }))
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}

form.hidden = false
form.addEventListener('input', filter)
document.querySelector('#show-all').addEventListener('click', () => {
  form.reset()
  filter()
})
form.addEventListener('submit', event => event.preventDefault())
// With a byte order mark, spreadsheets read UTF-8.
document
  .querySelector('#csv')
  .addEventListener('click', () => save('rolemedic-audit.csv', 'text/csv', `\ufeff${csvOf(shown)}`))
document
  .querySelector('#json')
  .addEventListener('click', () =>
    save('rolemedic-audit.json', 'application/json', `${JSON.stringify({ ...data, cases: shown }, null, 2)}\n`),
  )
// What no script would show becomes elements once somebody opens or prints it.
function unfold(details) {
  const folded = details.querySelector('noscript')
  if (folded) folded.outerHTML = folded.textContent
}
addEventListener('toggle', ({ target }) => unfold(target), true)
addEventListener('beforeprint', () => document.querySelectorAll('.case details').forEach(unfold))

// A link to a case opens it.
const openTarget = () =>
  items
    .get(decodeURIComponent(location.hash.slice(1)))
    ?.querySelector('details')
    ?.setAttribute('open', '')
addEventListener('hashchange', openTarget)
openTarget()
filter()
