import type { Manifest } from '@opora/contracts';
import { AtField, CodeField, Flag, OfferView, OneOf, Part, Text, TitlesView } from '@opora/service';

class OfferDto extends OfferView {
  @CodeField() code!: string;
  @CodeField({ list: true, description: 'Codes of the needs that it addresses' }) needs!: string[];
}

export class ModuleView {
  @CodeField() module!: string;
  @Part(() => TitlesView) titles!: TitlesView;
  @OneOf(['pilot', 'active', 'retiring']) lifecycle!: Manifest['lifecycle'];
  @Text(40) version!: string;
  @Part(() => OfferDto, { list: true }) offers!: OfferDto[];
  @CodeField({ list: true, description: 'Contracts answered over HTTP' }) serves!: string[];
  @Text(80, { optional: true, description: 'Where its API description is' }) openapi?: string;
  @Flag({ description: 'It has been silent for too long' }) stale!: boolean;
  @AtField({ optional: true, description: 'When stale: nothing later than this is known of it. Absent when it never spoke' }) staleSince?: string;
}

export class ModulesView {
  @Part(() => ModuleView, { list: true }) items!: ModuleView[];
}
