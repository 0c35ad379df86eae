/** One file for vitest: the CDK takes seconds to import, and every test file would import it again. */
import './calls.ts'
import './flow.ts'
import './metrics.ts'
import './own.ts'
import './rights.ts'
import './settings.ts'
import './state.ts'
import './writer-role.ts'
