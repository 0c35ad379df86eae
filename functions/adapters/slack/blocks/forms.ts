/** What opens over the channel: the port `FormDrawing`, as views of Slack. */
import type { Config } from '../../../domain/config/config.ts'
import type { FormDrawing } from '../../../ports/drawing.ts'
import { renderForm } from './modals.ts'

export function slackForms(config: Config): FormDrawing {
  return { form: (form, proposal) => renderForm(form, proposal, { config }) }
}
