/** Messages that stand beside cards: the list of a storm, and a change as code. */
import type { SideDrawing } from '../../../ports/drawing.ts'
import { renderCode } from './code.ts'
import { renderList } from './list.ts'

export const slackAsides: SideDrawing = { list: renderList, code: renderCode }
