import { CodeField, Text, TitlesView } from '@opora/service';

/** An offer of some module, as its manifest names it. */
export class OfferPart {
  @CodeField() module!: string;
  @CodeField() offer!: string;
}

export class CodedView extends TitlesView {
  @Text(120) system!: string;
  @CodeField() code!: string;
}
