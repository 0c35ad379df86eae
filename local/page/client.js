// The page of the local bot: shows what the server rendered, and sends presses back. No state of its own but who is looking.
const parts = {
  channel: document.querySelector('#channel'),
  accounts: document.querySelector('#accounts'),
  audit: document.querySelector('#audit'),
}
const dialog = document.querySelector('dialog')
const person = document.querySelector('#person')
person.value = localStorage.getItem('person') ?? person.value
const shown = {}

function show(name, element, html) {
  if (shown[name] === html) return
  shown[name] = html
  element.innerHTML = html
}

let asked = 0

async function refresh() {
  asked += 1
  const mine = asked
  const response = await fetch(`/state?as=${encodeURIComponent(person.value)}`)
  const state = await response.json()
  // Answers may overtake each other: only the one to the newest question is shown.
  if (mine !== asked) return
  for (const [name, element] of Object.entries(parts)) show(name, element, state[name])
  show('modal', dialog, state.modal)
  if (state.modal === '') dialog.close()
  else if (!dialog.open) dialog.showModal()
}

async function send(press) {
  const response = await fetch('/press', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ as: person.value, press }),
  })
  if (!response.ok) alert(await response.text())
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

new EventSource('/changes').addEventListener('message', refresh)
refresh()
