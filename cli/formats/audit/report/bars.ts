/** Bars in plain HTML, so that names wrap instead of being truncated, and follow the width and colors of the page. */

import { neutralText } from '../../../../core/base/index.ts'
import type { Tally } from '../../../../functions/domain/audit/index.ts'
import { type Html, html } from '../../../../functions/domain/messages/index.ts'

export function barChart(tallies: readonly Tally[], label: string): Html {
  const most = Math.max(1, ...tallies.map(({ count }) => count))
  const names = shortNames(tallies.map(({ name }) => name))
  return html`<ol class="bars" aria-label="${label}">${tallies.map(
    ({ name, count }, index) =>
      html`<li><span class="name" title="${neutralText(name)}">${neutralText(names[index] ?? name)}</span> <span class="count">${count}</span><span class="bar" style="width:${((count / most) * 100).toFixed(1)}%"></span></li>`,
  )}</ol>`
}

/** The last part of an ARN, which people know. If two are equal, the whole ARNs. */
function shortNames(names: readonly string[]): readonly string[] {
  const short = names.map(name => (name.startsWith('arn:') ? name.slice(name.lastIndexOf(':') + 1) : name))
  return names.map((name, index) => {
    const own = short[index] ?? name
    return short.filter(other => other === own).length > 1 ? name : own
  })
}
