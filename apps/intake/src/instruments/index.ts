// The instrument engine of intake: pure functions, plain JSON in and out, so that it can run in a worker.
export * from './fhir.js';
export * from './results.js';
export { checkQuestionnaire, type QuestionnaireCheck } from './check.js';
export { completeResponse, validateResponse } from './validation.js';
export { evaluateResponse } from './evaluation.js';
export { compileCondition, evaluateCondition } from './condition.js';
export { tasks, type Checked, type Responded, type Says, type TaskName, type Tasks } from './tasks.js';
export { needDomains, starterScreening } from './starter-screening.js';
export { starterNeedRules, type StarterNeedRule } from './starter-need-rules.js';
export { isScoreItem, itemsOf, saidTo, textIn, type Language, type Said } from './words.js';
export type { Printed, Sheet } from './printed.js';
export { starterInterpretations, type StarterInterpretation } from './starter-interpretations.js';
