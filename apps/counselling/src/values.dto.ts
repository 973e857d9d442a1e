import { CodeField, IdField, Text } from '@opora/service';

/** A plan entry of some module. */
export class RefPart {
  @CodeField({ description: 'The module that the entry belongs to' }) module!: string;
  @IdField() id!: string;
}

/** An offer of some module, as its manifest names it. */
export class OfferPart {
  @CodeField() module!: string;
  @CodeField() offer!: string;
}

export class TitlesView {
  @Text(200) en!: string;
  @Text(200) ru!: string;
}

export class CodedView extends TitlesView {
  @Text(120) system!: string;
  @CodeField() code!: string;
}
