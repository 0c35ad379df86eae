// The page of the local bot: shows what the server rendered, and sends presses back. No state of its own but who is looking.
const parts = {
  channel: document.querySelector('#channel'),
  accounts: document.querySelector('#accounts'),
  audit: document.querySelector('#audit'),
}
const dialog = document.querySelector('dialog')
const person = document.querySelector('#person')
const lost = document.querySelector('#lost')
person.value = localStorage.getItem('person') ?? person.value
const shown = {}
const RETRY_MS = 1_000

function show(name, element, html) {
  if (shown[name] === html) return
  shown[name] = html
  element.innerHTML = html
}

/** Only cards that changed are drawn again: the others keep the focus and open threads, and are not read out once more. */
function showChannel(html) {
  if (shown.channel === html) return
  shown.channel = html
  const draft = document.createElement('template')
  draft.innerHTML = html
  const before = new Map([...parts.channel.children].map(card => [card.dataset.ts, card]))
  const cards = [...draft.content.children].map(fresh => {
    const known = before.get(fresh.dataset.ts)
    fresh.drawnFrom = fresh.outerHTML
    if (known?.drawnFrom === fresh.drawnFrom) return known
    if (known) takeOver(fresh, known)
    return fresh
  })
  for (const card of before.values()) if (!cards.includes(card)) card.remove()
  cards.forEach((card, index) => {
    const there = parts.channel.children[index] ?? null
    if (there !== card) parts.channel.insertBefore(card, there)
  })
  // An answer comes in at the top, and whoever pressed a button further down would take it for none.
  const answer = cards.find(card => !before.has(card.dataset.ts) && card.matches(':has(> .whisper)'))
  if (before.size > 0) answer?.scrollIntoView({ block: 'nearest' })
}

/** The new drawing of a card in place of the old one, for whoever reads its thread or works by keyboard. */
function takeOver(fresh, known) {
  const thread = fresh.querySelector('details')
  if (thread && known.querySelector('details')?.open) thread.open = true
  const focused = known.contains(document.activeElement) ? document.activeElement : null
  known.replaceWith(fresh)
  if (focused === null) return
  const same = focused.matches('summary') ? thread?.firstElementChild : buttonLike(focused, fresh)
  ;(same ?? fresh.querySelector('button'))?.focus()
}

const buttonLike = ({ id }, card) => card.querySelector(`button[id="${CSS.escape(id)}"]`)

/** Without the bot, no button may look as if it did something. */
function connected(isConnected) {
  lost.hidden = isConnected
  for (const control of document.querySelectorAll('button, #command input')) control.disabled = !isConnected
}

let asked = 0

async function refresh() {
  asked += 1
  const mine = asked
  const response = await ask(`/state?as=${encodeURIComponent(person.value)}`)
  if (response === null) return
  const state = await response.json()
  // Answers may overtake each other: only the one to the newest question is shown.
  if (mine !== asked) return
  showChannel(state.channel)
  for (const name of ['accounts', 'audit']) show(name, parts[name], state[name])
  show('modal', dialog, state.modal)
  if (state.modal === '') dialog.close()
  else if (!dialog.open) dialog.showModal()
}

/** Null when nobody answered, or nothing that can be shown: that is said. */
async function ask(path, options) {
  try {
    const response = await fetch(path, options)
    if (response.ok) return response
    complain(await response.text())
  } catch {
    connected(false)
  }
  return null
}

function complain(text) {
  const place = dialog.open ? dialog.querySelector('.complaint') : null
  if (place === null) alert(text)
  else place.textContent = text
}

async function send(press) {
  await ask('/press', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ as: person.value, press }),
  })
}

person.addEventListener('change', () => {
  localStorage.setItem('person', person.value)
  refresh()
})

parts.channel.addEventListener('click', event => {
  const button = event.target.closest('button[id]')
  const message = button?.closest('[data-ts]')
  if (!message) return
  const { channel, ts } = message.dataset
  const same = [...message.querySelectorAll(`button[id="${CSS.escape(button.id)}"]`)]
  send({ kind: 'press', channel, ts, actionId: button.id, nth: same.indexOf(button) })
})

dialog.addEventListener('click', event => {
  if (event.target.closest('[data-close]')) send({ kind: 'close', view: event.target.closest('form').dataset.view })
})
dialog.addEventListener('cancel', event => {
  event.preventDefault()
  dialog.querySelector('[data-close]')?.click()
})
dialog.addEventListener('submit', event => {
  event.preventDefault()
  const fields = [...event.target.querySelectorAll('textarea, input')]
  send({ kind: 'submit', view: event.target.dataset.view, values: fields.map(field => field.value) })
})

const command = document.querySelector('#command')
command.addEventListener('submit', event => {
  event.preventDefault()
  send({ kind: 'command', text: command.elements.text.value.replace(/^\/rolemedic\s*/, '') })
  command.reset()
})

function listen() {
  const changes = new EventSource('/changes')
  changes.addEventListener('open', () => {
    connected(true)
    refresh()
  })
  changes.addEventListener('message', refresh)
  changes.addEventListener('error', () => {
    connected(false)
    // A browser tries again by itself, unless it has given up.
    if (changes.readyState === EventSource.CLOSED) setTimeout(listen, RETRY_MS)
  })
}
listen()
