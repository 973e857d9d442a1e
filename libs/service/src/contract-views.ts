import { CodeField, Decimal, IdField, OneOf, Part, Text, Whole } from './fields.js';

// Parts of contracts as several APIs show them.

/** A plan entry of some module. */
export class RefPart {
  @CodeField({ description: 'The module that the entry belongs to' }) module!: string;
  @IdField() id!: string;
}

export class TitlesView {
  @Text(200) en!: string;
  @Text(200) ru!: string;
}

export class CostView {
  @Decimal() amount!: number;
  @Text(3) currency!: string;
}

/** What a manifest says of an offer beside its code and the needs that it addresses. */
export class OfferView {
  @CodeField() agency!: string;
  @Part(() => TitlesView) titles!: TitlesView;
  @Part(() => TitlesView, { optional: true }) eligibility?: TitlesView;
  @OneOf(['open', 'waitlist', 'closed']) availability!: 'open' | 'waitlist' | 'closed';
  @Part(() => CostView) cost!: CostView;
  @Whole(0, 100_000) waitingDays!: number;
  @Part(() => TitlesView, { list: true }) requiredDocuments!: TitlesView[];
  @Text(3, { list: true }) languages!: string[];
  @CodeField({ list: true }) accessibility!: string[];
}
