import * as z from 'zod'

const text = z.string()

export const passkeys = z.object({
  schema: z.literal('rolemedic.passkeys/1'),
  passkeys: z.array(
    z.object({
      userId: text.describe('the Slack user'),
      credential: text.describe('what passkeys remove takes'),
      host: text.describe('of the page that it was made for; it works on no other'),
      isSynced: z.boolean().describe('it may be copied to other devices'),
      isRemoved: z.boolean(),
      counts: z.boolean().describe('now, at every risk, on the page of the deployment'),
      confirmedBy: z.array(text),
      enrolled: text,
    }),
  ),
  groups: z.array(
    z.object({
      group: text.describe('a Slack user group of approvers'),
      enrolled: z.nullable(z.array(text)).describe('its members with a passkey that counts; null: it cannot be read'),
    }),
  ),
})
export type PasskeysOutput = z.infer<typeof passkeys>
