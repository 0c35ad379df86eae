const minutes = document.querySelector('#minutes')
const sum = document.querySelector('#saved')

minutes.addEventListener('input', () => {
  const hours = (Number(sum.dataset.denials) * Math.max(0, Number(minutes.value))) / 60
  sum.textContent = hours.toLocaleString('en', { maximumFractionDigits: 1 })
})
