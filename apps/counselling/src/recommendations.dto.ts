import type { Stored } from '@opora/messaging';
import { CodeField, DeviceId, Flag, IdField, OfferView, OneOf, Part, Recording, RefPart, Text } from '@opora/service';
import type { Recommendation } from './domain/recommendation.js';
import { declineReasons } from './domain/titles.js';
import { CodedView, OfferPart } from './values.dto.js';

const statuses = ['proposed', 'accepted', 'modified', 'declined', 'entered-in-error'];

export class MakeRecommendation extends Recording {
  @DeviceId()
  id?: string;

  @Part(() => RefPart, { list: true, maxItems: 20, description: 'Confirmed needs that it is about' })
  needs!: RefPart[];

  @Part(() => OfferPart, { optional: true, description: 'The offer recommended, if it is one' })
  offer?: OfferPart;

  @Text(8000, { description: 'The written conclusion; it is never published' })
  conclusion!: string;
}

export class ModifyRecommendation extends Recording {
  @Part(() => OfferPart, { description: 'The offer taken instead' })
  instead!: OfferPart;
}

export class DeclineRecommendation extends Recording {
  @OneOf(declineReasons)
  reason!: string;
}

export class RecommendationView {
  @IdField() id!: string;
  @IdField() clientId!: string;
  @OneOf(['matched', 'counsellor']) origin!: string;
  @OneOf(statuses) status!: string;
  @Part(() => RefPart, { list: true }) needs!: RefPart[];
  @Part(() => OfferPart, { optional: true }) offer?: OfferPart;
  @Part(() => OfferPart, { optional: true }) instead?: OfferPart;
  @CodeField({ optional: true }) reason?: string;
  @Text(8000, { optional: true }) conclusion?: string;
}

class ReasonView {
  @OneOf(['addresses-need']) code!: string;
  @Part(() => RefPart) need!: RefPart;
  @CodeField() needCode!: string;
  @OneOf(['given', 'missing'], { description: 'Whether the person agrees to be referred to the offer’s agency' }) consent!: string;
  @OneOf(['offer-closed'], { optional: true }) notChoosable?: string;
}

class OptionView extends OfferView {
  @IdField({ description: 'Stays the same for the same person, need and offer; accept, modify or decline it under this id' }) recommendationId!: string;
  @CodeField() module!: string;
  @CodeField() offer!: string;
  @Flag() choosable!: boolean;
  @Part(() => ReasonView) reason!: ReasonView;
  @OneOf(statuses, { description: '`proposed` until a person has decided' }) status!: string;
}

class NeedOptionsView {
  @Part(() => RefPart) need!: RefPart;
  @Part(() => CodedView) title!: CodedView;
  @Part(() => OptionView, { list: true }) options!: OptionView[];
}

export class RecommendationsView {
  @IdField() clientId!: string;
  @Part(() => NeedOptionsView, { list: true, description: 'Per confirmed need, the offers of all modules side by side' }) needs!: NeedOptionsView[];
  @Part(() => RecommendationView, { list: true, description: 'What was recommended or decided so far, newest first' }) recorded!: RecommendationView[];
  @Text(400, { optional: true, description: 'There is more recorded: the `cursor` of the next page' }) next?: string;
}

export const recommendationView = ({ id, state }: Stored<Recommendation>): RecommendationView => {
  const { clientId, origin, status, needs, offer, conclusion } = state;
  return {
    id, clientId, origin, status, needs: [...needs], ...(offer && { offer }), ...(status === 'modified' && { instead: state.instead }),
    ...(status === 'declined' && { reason: state.reason }), ...(conclusion && { conclusion }),
  };
};
