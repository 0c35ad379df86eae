/** Messages that stand beside cards: the list of a storm, and a change as code. */
import type { SideDrawing } from '../core/proposal/card-place.ts'
import { renderCode } from './slack-blocks/code.ts'
import { renderList } from './slack-blocks/list.ts'

export const slackAsides: SideDrawing = { list: renderList, code: renderCode }
