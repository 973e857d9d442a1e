interface Coding { system?: string; code: string; display?: string }
interface Item { linkId: string; type: string; item?: Item[]; answerOption?: { valueCoding: Coding }[] }
export interface Questionnaire { url?: string; version?: string; item: Item[] }

interface Answered { linkId: string; item?: Answered[]; answer?: { valueCoding: Coding }[] }

/** A QuestionnaireResponse that takes the named option of each question, the first one where none is named. */
export const answering = ({ url, version, item }: Questionnaire, chosen: Readonly<Record<string, string>>) => {
  const answer = (question: Item): Answered[] => {
    if (question.type === 'group') return [{ linkId: question.linkId, item: (question.item ?? []).flatMap(answer) }];
    const options = (question.answerOption ?? []).map(({ valueCoding }) => valueCoding);
    const coding = options.find(({ code }) => code === chosen[question.linkId]) ?? options[0];
    return coding ? [{ linkId: question.linkId, answer: [{ valueCoding: { ...(coding.system && { system: coding.system }), code: coding.code } }] }] : [];
  };
  return { resourceType: 'QuestionnaireResponse', status: 'completed', ...(url && { questionnaire: version ? `${url}|${version}` : url }), item: item.flatMap(answer) };
};
