/** Every law uses one seed, so that a run can be repeated. A commit changes the seed; `npm run laws -- --search` uses others. */
import { configureGlobal, readConfigureGlobal } from 'fast-check'

const SEED = 20_261_129

configureGlobal({ ...readConfigureGlobal(), seed: Number(process.env['FC_SEED'] ?? SEED) })
