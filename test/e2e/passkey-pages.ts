/** What a person does on the pages that ask for a passkey, in Chromium with a virtual authenticator. */
import type { Browser, CDPSession, Page } from 'playwright-core'
import { expect } from 'vitest'
import type { StoredMessage } from '../../simulator/fake-slack/fake-slack.ts'

export const ON_RECORD = 'Your approval is on record: the card shows it.'

export type Device = { readonly page: Page; readonly cdp: CDPSession; readonly authenticatorId: string }

/** A browser of its own, with an authenticator that answers at once. */
export async function openDevice(
  browser: Browser,
  options: { readonly isUserVerified?: boolean } = {},
): Promise<Device> {
  const page = await (await browser.newContext()).newPage()
  const cdp = await page.context().newCDPSession(page)
  await cdp.send('WebAuthn.enable')
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      ...{ protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true },
      ...{ isUserVerified: true, automaticPresenceSimulation: true, ...options },
    },
  })
  return { page, cdp, authenticatorId }
}

export const answerOn = ({ page }: Device) => page.locator('#said')

/** The link by which others confirm it. */
export async function makeKey(one: Device, origin: string, user: string): Promise<string> {
  await one.page.goto(`${origin}/enroll?user=${user}`)
  await one.page.click('#create')
  await answerOn(one).getByText('Nobody has confirmed it yet.').waitFor()
  return one.page.inputValue('#link')
}

/** As an approver, whose own passkey counts. */
export async function confirmOn(one: Device, link: string, user: string): Promise<string> {
  await one.page.goto(link)
  await one.page.fill('#confirmer', user)
  await one.page.click('#confirm')
  return answered(one)
}

/** The link that this person alone was sent last. */
export function linkFor(user: string, messages: readonly StoredMessage[]): string {
  const sent = messages.filter(({ ephemeralFor }) => ephemeralFor === user)
  return (
    /http:\/\/localhost:\d+\/approve\/[\w-]+/.exec(sent.at(-1)?.text ?? '')?.[0] ??
    expect.fail(`no link: ${JSON.stringify(sent.map(({ text }) => text))}`)
  )
}

/** What the page says of what the device signed. */
export async function signOn(one: Device, link: string): Promise<string> {
  const answer = await one.page.goto(link)
  if (answer?.status() !== 200) expect.fail(`${await answer?.text()}`)
  return signHere(one)
}

/** On the page that is open. */
export async function signHere(one: Device): Promise<string> {
  await one.page.click('#sign')
  return answered(one)
}

async function answered(one: Device): Promise<string> {
  await one.page.waitForFunction(() => !/^$|Waiting/.test(document.getElementById('said')?.textContent ?? ''))
  return (await answerOn(one).textContent()) ?? ''
}
