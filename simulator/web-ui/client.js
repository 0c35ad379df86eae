// The page of the local bot: shows what the server rendered and sends button presses. Its only state is the selected user.
const parts = {
  channel: document.querySelector('#channel'),
  accounts: document.querySelector('#accounts'),
  audit: document.querySelector('#audit'),
  home: document.querySelector('#home'),
}
const dialog = document.querySelector('#form')
const confirmation = document.querySelector('#confirm')
const person = document.querySelector('#person')
const disconnected = document.querySelector('#disconnected')
person.value = localStorage.getItem('person') ?? person.value
const shown = {}
const RETRY_MS = 1_000

// The style sheet of the blocks has its dark colours under this attribute.
const dark = matchMedia('(prefers-color-scheme: dark)')
const setTheme = () => document.documentElement.setAttribute('data-theme', dark.matches ? 'dark' : 'light')
dark.addEventListener('change', setTheme)
setTheme()

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

/** Replaces a card and keeps what is open in it, and the keyboard focus. */
function replaceCard(previous, next) {
  for (const part of ['details.thread', 'details.more']) {
    const unfolded = next.querySelector(part)
    if (unfolded && previous.querySelector(part)?.open) unfolded.open = true
  }
  const focused = previous.contains(document.activeElement) ? document.activeElement : null
  previous.replaceWith(next)
  if (focused === previous) focusMessage(next)
  else if (focused) focusIn(next, focused)
}

/** Focuses what an element of a card has become in the card's new rendering. */
function focusIn(card, focused) {
  if (focused.matches('.more > summary'))
    (card.querySelector('.more > summary') ?? card.querySelector('button'))?.focus()
  else if (focused.matches('.thread > summary')) card.querySelector('.thread > summary')?.focus()
  else focusAgain(focused, card)
}

const sameButton = ({ id }, card) => card.querySelector(`button[id="${CSS.escape(id)}"]`)
const focusAgain = (button, card) => card && (sameButton(button, card) ?? card.querySelector('button'))?.focus()

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
  if (isPressing) {
    isOutdated = true
    return
  }
  showChannel(state.channel)
  for (const name of ['accounts', 'audit', 'home']) show(name, parts[name], state[name])
  showMessage()
  show('modal', dialog, state.modal)
  if (state.modal === '') closeForm()
  else if (!dialog.open) openForm()
  // What the bot answered before it ended.
  if (!disconnected.hidden) setConnected(false)
}

/** What has the focus outside of the form, until the form is closed. */
let beforeForm = null

function openForm() {
  beforeForm = document.activeElement
  dialog.showModal()
}

function closeForm() {
  dialog.close()
  // A new rendering of the card may have replaced what the browser would focus.
  const card = beforeForm?.isConnected === false && document.getElementById(beforeForm.closest('.card')?.id)
  if (card) focusIn(card, beforeForm)
  beforeForm = null
}

let isPressing = false
let isOutdated = false

// Nothing is shown while the mouse button is down: a press on what is replaced before it is released would be lost.
document.addEventListener('pointerdown', () => {
  isPressing = true
})
for (const end of ['pointerup', 'pointercancel'])
  document.addEventListener(end, () => {
    isPressing = false
    // After the click.
    if (isOutdated) setTimeout(refresh)
    isOutdated = false
  })

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
  openHome()
})

for (const part of [parts.channel, parts.home]) {
  part.addEventListener('click', event => {
    const button = event.target.closest('button[id]')
    const container = button?.closest('[data-ts], [data-home]')
    if (container) press(button, container)
  })
}

// A menu closes after its choice, and where something else is clicked.
document.addEventListener('click', event => {
  for (const menu of document.querySelectorAll('details.more[open]')) {
    const isInside = menu.contains(event.target)
    if (isInside && !event.target.closest('button')) continue
    menu.open = false
    // The chosen option is hidden now: a dialog that it opens gives the focus back to the menu.
    if (isInside) menu.firstElementChild.focus()
  }
})
document.addEventListener('keydown', event => {
  const menu = event.key === 'Escape' ? event.target.closest('details.more[open]') : null
  if (!menu) return
  menu.open = false
  menu.firstElementChild.focus()
})

/** Asks first if the button has a dialog, and opens its link if it has one. */
async function press(button, container) {
  const { id } = button
  const { channel, ts } = container.dataset
  const nth = [...container.querySelectorAll(`button[id="${CSS.escape(id)}"]`)].indexOf(button)
  const more = [...container.querySelectorAll(':scope > template')].find(
    ({ dataset }) => dataset.action === id && Number(dataset.nth) === nth,
  )
  if (!more) return
  if (more.content.childElementCount > 0 && !(await confirmed(more, button))) return
  if (more.dataset.url) openLink(more.dataset.url)
  const message = channel === undefined ? null : { channel, ts }
  await send({ kind: 'press', message, button: JSON.parse(more.dataset.sent) })
}

/** Resolves when the dialog is closed. Its first button, which has the focus, is the one that does nothing. */
function confirmed(template, button) {
  confirmation.replaceChildren(template.content.cloneNode(true))
  confirmation.returnValue = 'no'
  confirmation.showModal()
  return new Promise(resolve => {
    confirmation.addEventListener(
      'close',
      () => {
        // A new rendering of the card may have replaced the button that the browser would focus.
        if (!button.isConnected) focusAgain(button, document.getElementById(button.closest('.card')?.id))
        resolve(confirmation.returnValue === 'yes')
      },
      { once: true },
    )
  })
}

const TABS = ['channel', 'home', 'policies']
/** The id of the message that a permalink names, until it is shown. */
let wantedMessage = null

function route() {
  const anchor = location.hash.slice(1)
  const tab = TABS.includes(anchor) ? anchor : 'channel'
  wantedMessage = TABS.includes(anchor) ? null : anchor
  document.body.dataset.tab = tab
  parts.channel.hidden = tab === 'home'
  parts.home.hidden = tab !== 'home'
  for (const link of document.querySelectorAll('nav a')) {
    if (link.dataset.tab === tab) link.setAttribute('aria-current', 'page')
    else link.removeAttribute('aria-current')
  }
  openHome()
  showMessage()
}

/** Slack tells the app that a person opened its Home tab. */
function openHome() {
  if (document.body.dataset.tab === 'home') send({ kind: 'open-home' })
}

function showMessage() {
  const message = wantedMessage ? document.getElementById(wantedMessage) : null
  if (message === null) return
  wantedMessage = null
  message.closest('details')?.setAttribute('open', '')
  focusMessage(message)
  message.scrollIntoView({ block: 'start' })
}

function focusMessage(message) {
  message.tabIndex = -1
  message.focus({ preventScroll: true })
}

const PERMALINK = /^\/archives\/([A-Z0-9]+\/p\d+)$/
/** The workspace of the fake Slack is this page. */
const HOSTS = ['workspace.example', location.hostname]

/** The message on this page that a link names. */
const messageOf = ({ hostname, pathname }) => (HOSTS.includes(hostname) ? PERMALINK.exec(pathname)?.[1] : undefined)

function goTo(message) {
  if (location.hash === `#${message}`) route()
  else location.hash = message
}

function openLink(address) {
  const url = new URL(address, location.href)
  const message = messageOf(url)
  if (message !== undefined) goTo(message)
  else if (['http:', 'https:'].includes(url.protocol)) window.open(url, '_blank', 'noopener')
}

document.addEventListener('click', event => {
  const link = event.target.closest('a[href]')
  const message = link && messageOf(link)
  if (!message) return
  event.preventDefault()
  goTo(message)
})
window.addEventListener('hashchange', route)

const samples = document.querySelector('#samples')
samples?.addEventListener('click', event => {
  const { sample, wait } = event.target.closest('button')?.dataset ?? {}
  if (sample) send({ kind: 'sample', id: sample })
  if (wait) send({ kind: 'wait', hours: Number(wait) })
  if (sample || wait) samples.open = false
  if (sample) location.hash = 'channel'
})

const explaining = document.querySelector('#explain form')
const explanation = document.querySelector('#explanation')
explaining.addEventListener('submit', async event => {
  event.preventDefault()
  const body = JSON.stringify({ text: explaining.elements.text.value })
  explanation.hidden = false
  explanation.textContent = 'Reading…'
  const headers = { 'content-type': 'application/json' }
  // What it answers quotes the text: it is shown as text and never as markup. An error is an answer too.
  const response = await fetch('/explain', { method: 'POST', headers, body }).catch(() => null)
  explanation.textContent = response === null ? 'Not connected: the bot has stopped.' : await response.text()
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
  location.hash = 'channel'
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
route()
