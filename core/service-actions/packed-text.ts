/** Written by `npm run facts -- --actions`. A bundle holds it compressed: `infra/packed-facts.ts`. */
import text from './packed.json' with { type: 'json' }

export const packedText = (): string => text
