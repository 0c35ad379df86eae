/** The app's Home tab of one user, as the bot published it. */

import { type Html, html } from '../../functions/domain/messages/index.ts'
import type { HomeView } from '../fake-slack/fake-slack.ts'
import { renderBlocks } from './blocks.ts'

export function homePage(home: HomeView | null): Html {
  if (home === null) return html`<p class="quiet">rolemedic has published nothing here yet.</p>`
  const { blocks = [] } = home.view as { readonly blocks?: readonly object[] }
  return html`<article class="card" data-home>${renderBlocks({ blocks, time: null })}</article>`
}
