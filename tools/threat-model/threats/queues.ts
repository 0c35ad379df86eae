import type { ThreatSection } from '../threat.ts'

export const QUEUE_SENDER = {
  who: 'Somebody who can send to the queues',
  may: 'send any message',
  threats: {
    Q1: {
      what: 'asks to write what nobody has approved',
      refuses: 'a message names an item, and allows nothing',
      remains: null,
    },
    Q2: {
      what: 'asks to revert what nobody asked to revert',
      refuses: 'a message names an item, and allows nothing',
      remains: null,
    },
    Q3: {
      what: 'puts a patch and an approval into the message',
      refuses: 'a message names an item, and allows nothing',
      remains: null,
    },
    Q4: {
      what: 'sends what is no message, again and again',
      refuses: 'what is no message is counted and dropped',
      remains: null,
    },
    Q5: {
      what: 'asks for a proposal that does not exist, with an id that is a path',
      refuses: 'ids are keys of the table, nothing else',
      remains: null,
    },
    Q6: {
      what: 'sends the work of verify to the queue of propose',
      refuses: 'a message names an item, and allows nothing',
      remains: null,
    },
    Q7: {
      what: 'orders a pull request for Allow * on *, in the name of approvers',
      refuses: '`publish` verifies the decisions that an order carries',
      remains: null,
    },
    Q8: {
      what: 'orders a pull request for what people signed, with other words: what was denied, why, the checks, until when, a comment',
      refuses:
        '`publish` compares them with the fingerprint and the digest that people signed, and leaves out what differs; comments are its own words',
      remains:
        'the link to the card, of which the text says that nobody signed it; a pull request that is closed, or reminded of early; another request with the same fingerprint, which has 64 bits',
    },
    Q9: {
      what: 'orders a pull request for what people approved without one',
      refuses: 'one of the decisions has to ask for it',
      remains: null,
    },
  },
} as const satisfies ThreatSection
