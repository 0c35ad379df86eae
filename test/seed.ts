/** Every law draws from one seed, so that a run can be repeated. A commit moves it on; `npm run laws -- --search` looks with others. */
import { configureGlobal, readConfigureGlobal } from 'fast-check'

const SEED = 20_261_129

configureGlobal({ ...readConfigureGlobal(), seed: Number(process.env['FC_SEED'] ?? SEED) })
