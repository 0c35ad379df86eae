/** Why was it denied, and what is the smallest safe change? */

export { makeFirstLook } from './first-look.ts'
export { makeLookForSuccess } from './look-for-success.ts'
export { makePropose } from './propose.ts'
export { makeRenew } from './renew-grant.ts'
export { makeReview } from './review-grant.ts'
export { makeSuggest } from './suggest-set.ts'
