const input = document.querySelector('#filter')
const status = document.querySelector('#shown')
const cases = [...document.querySelectorAll('tbody.case')].map(body => ({
  body,
  text: body.textContent.toLowerCase(),
}))

function filter() {
  const words = input.value.toLowerCase().split(/\s+/).filter(Boolean)
  let shown = 0
  for (const { body, text } of cases) {
    body.hidden = !words.every(word => text.includes(word))
    if (!body.hidden) shown += 1
  }
  status.textContent = words.length === 0 ? '' : `${shown} of ${cases.length}`
}

input.addEventListener('input', filter)
