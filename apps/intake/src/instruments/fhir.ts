// The parts of FHIR R4 (hl7.org/fhir/R4) that the engine reads. Whatever else a document carries is kept and ignored.

export interface Extension {
  url: string;
  extension?: Extension[];
  valueDecimal?: number;
  valueInteger?: number;
  valueString?: string;
  valueCode?: string;
  valueExpression?: Expression;
  [value: string]: unknown;
}

export interface Expression {
  name?: string;
  description?: string;
  language?: string;
  expression?: string;
  reference?: string;
}

export interface Coding {
  system?: string;
  code?: string;
  display?: string;
  extension?: Extension[];
}

export interface Quantity {
  value?: number;
  unit?: string;
  system?: string;
  code?: string;
}

export interface AnswerOption {
  extension?: Extension[];
  valueCoding?: Coding;
  [value: string]: unknown;
}

export interface EnableWhen {
  question: string;
  operator: 'exists' | '=' | '!=' | '>' | '<' | '>=' | '<=';
  [answer: string]: unknown;
}

export interface Item {
  linkId: string;
  type: string;
  text?: string;
  prefix?: string;
  code?: Coding[];
  required?: boolean;
  repeats?: boolean;
  readOnly?: boolean;
  maxLength?: number;
  enableWhen?: EnableWhen[];
  enableBehavior?: 'all' | 'any';
  answerOption?: AnswerOption[];
  answerValueSet?: string;
  extension?: Extension[];
  item?: Item[];
  [element: string]: unknown;
}

export interface Contained {
  resourceType: string;
  id?: string;
  url?: string;
  version?: string;
  [element: string]: unknown;
}

export interface Questionnaire {
  resourceType: 'Questionnaire';
  url?: string;
  version?: string;
  title?: string;
  contained?: Contained[];
  extension?: Extension[];
  item?: Item[];
  [element: string]: unknown;
}

/** Exactly one `value[x]`; the items that hang under this answer in `item`. */
export interface Answer {
  item?: ResponseItem[];
  extension?: Extension[];
  valueCoding?: Coding;
  [value: string]: unknown;
}

export interface ResponseItem {
  linkId: string;
  text?: string;
  answer?: Answer[];
  item?: ResponseItem[];
  [element: string]: unknown;
}

export interface QuestionnaireResponse {
  resourceType: 'QuestionnaireResponse';
  questionnaire?: string;
  status?: string;
  item?: ResponseItem[];
  [element: string]: unknown;
}

export type ResponseStatus = 'in-progress' | 'completed' | 'amended' | 'entered-in-error' | 'stopped';
