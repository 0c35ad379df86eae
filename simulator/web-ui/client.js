// The page of the local bot: shows what the server rendered and sends button presses. Its only state is the selected user.
const parts = {
  channel: document.querySelector('#channel'),
  accounts: document.querySelector('#accounts'),
  audit: document.querySelector('#audit'),
}
const dialog = document.querySelector('dialog')
const person = document.querySelector('#person')
const disconnected = document.querySelector('#disconnected')
person.value = localStorage.getItem('person') ?? person.value
const shown = {}
const RETRY_MS = 1_000

function show(name, element, html) {
  if (shown[name] === html) return
  shown[name] = html
  element.innerHTML = html
}

/** Replaces only changed cards, so that the others keep focus and open threads and screen readers do not repeat them. */
function showChannel(html) {
  if (shown.channel === html) return
  shown.channel = html
  const draft = document.createElement('template')
  draft.innerHTML = html
  const before = new Map([...parts.channel.children].map(card => [card.dataset.ts, card]))
  const cards = [...draft.content.children].map(next => {
    const previous = before.get(next.dataset.ts)
    next.source = next.outerHTML
    if (previous?.source === next.source) return previous
    if (previous) replaceCard(previous, next)
    return next
  })
  for (const card of before.values()) if (!cards.includes(card)) card.remove()
  cards.forEach((card, index) => {
    const existing = parts.channel.children[index] ?? null
    if (existing !== card) parts.channel.insertBefore(card, existing)
  })
  // An ephemeral answer appears at the top, out of view after a press on a card further down.
  const answer = cards.find(card => !before.has(card.dataset.ts) && card.matches(':has(> .ephemeral)'))
  if (before.size > 0) answer?.scrollIntoView({ block: 'nearest' })
}

/** Replaces a card and keeps its open thread and the keyboard focus. */
function replaceCard(previous, next) {
  const thread = next.querySelector('details')
  if (thread && previous.querySelector('details')?.open) thread.open = true
  const focused = previous.contains(document.activeElement) ? document.activeElement : null
  previous.replaceWith(next)
  if (focused === null) return
  const same = focused.matches('summary') ? thread?.firstElementChild : sameButton(focused, next)
  ;(same ?? next.querySelector('button'))?.focus()
}

const sameButton = ({ id }, card) => card.querySelector(`button[id="${CSS.escape(id)}"]`)

/** Disables all buttons while the bot is not running. */
function setConnected(isConnected) {
  disconnected.hidden = isConnected
  for (const control of document.querySelectorAll('button, #command input')) control.disabled = !isConnected
}

let newestRequest = 0

async function refresh() {
  newestRequest += 1
  const thisRequest = newestRequest
  const response = await request(`/state?as=${encodeURIComponent(person.value)}`)
  if (response === null) return
  const state = await response.json()
  // Responses can arrive out of order: only the newest one is shown.
  if (thisRequest !== newestRequest) return
  showChannel(state.channel)
  for (const name of ['accounts', 'audit']) show(name, parts[name], state[name])
  show('modal', dialog, state.modal)
  if (state.modal === '') dialog.close()
  else if (!dialog.open) dialog.showModal()
}

/** Null after an error, which it shows. */
async function request(path, options) {
  try {
    const response = await fetch(path, options)
    if (response.ok) return response
    showError(await response.text())
  } catch {
    setConnected(false)
  }
  return null
}

function showError(text) {
  const formError = dialog.open ? dialog.querySelector('.form-error') : null
  if (formError === null) alert(text)
  else formError.textContent = text
}

async function send(press) {
  await request('/press', {
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
    setConnected(true)
    refresh()
  })
  changes.addEventListener('message', refresh)
  changes.addEventListener('error', () => {
    setConnected(false)
    // The browser reconnects by itself, unless it has closed the connection.
    if (changes.readyState === EventSource.CLOSED) setTimeout(listen, RETRY_MS)
  })
}
listen()
