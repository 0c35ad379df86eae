/** What opens over the channel: the port `FormDrawing`, as views of Slack. */
import type { Config } from '../core/config/config.ts'
import type { FormDrawing } from '../core/ports.ts'
import { renderForm } from './slack-blocks/modals.ts'

export function slackForms(config: Config): FormDrawing {
  return { form: (form, proposal) => renderForm(form, proposal, { config }) }
}
