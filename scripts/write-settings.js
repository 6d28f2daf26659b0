import { writeFileSync } from 'node:fs'
import { describeInEnvExample, describeInPage } from '../src/config/describe-settings.ts'

writeFileSync('.env.example', describeInEnvExample())
writeFileSync('docs/configuration.md', describeInPage())
