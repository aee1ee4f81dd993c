import { cases } from './endings.ts'
import { judge } from './judge.ts'

judge({ name: 'namespaces', isolation: 'auto', level: 'namespaces', prefix: [] }, cases)
