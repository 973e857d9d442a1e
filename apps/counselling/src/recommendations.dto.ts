import { CodeField, Decimal, Flag, IdField, OneOf, Part, Recording, Text, Whole } from '@opora/service';
import { declineReasons } from './domain/titles.js';
import { CodedView, OfferPart, RefPart, TitlesView } from './values.dto.js';

const statuses = ['proposed', 'accepted', 'modified', 'declined', 'entered-in-error'];

export class MakeRecommendation extends Recording {
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

class CostView {
  @Decimal() amount!: number;
  @CodeField() currency!: string;
}

class OptionView {
  @IdField({ description: 'Stays the same for the same person, need and offer; accept, modify or decline it under this id' }) recommendationId!: string;
  @CodeField() module!: string;
  @CodeField() offer!: string;
  @Part(() => TitlesView) titles!: TitlesView;
  @CodeField() agency!: string;
  @OneOf(['open', 'waitlist', 'closed']) availability!: string;
  @Whole(0, 100_000) waitingDays!: number;
  @Part(() => CostView) cost!: CostView;
  @Part(() => TitlesView, { list: true }) requiredDocuments!: TitlesView[];
  @Text(3, { list: true }) languages!: string[];
  @CodeField({ list: true }) accessibility!: string[];
  @Part(() => TitlesView, { optional: true }) eligibility?: TitlesView;
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
}
