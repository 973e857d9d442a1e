import type { Manifest } from '@opora/contracts';
import { AtField, CodeField, Decimal, Flag, OneOf, Part, Text, Whole } from '@opora/service';

class TitlesDto {
  @Text(200) en!: string;
  @Text(200) ru!: string;
}

class CostDto {
  @Decimal() amount!: number;
  @Text(3) currency!: string;
}

class OfferDto {
  @CodeField() code!: string;
  @CodeField() agency!: string;
  @Part(() => TitlesDto) titles!: TitlesDto;
  @CodeField({ list: true, description: 'Codes of the needs that it addresses' }) needs!: string[];
  @Part(() => TitlesDto, { optional: true }) eligibility?: TitlesDto;
  @OneOf(['open', 'waitlist', 'closed']) availability!: 'open' | 'waitlist' | 'closed';
  @Part(() => CostDto) cost!: CostDto;
  @Whole(0, 10_000) waitingDays!: number;
  @Part(() => TitlesDto, { list: true }) requiredDocuments!: TitlesDto[];
  @Text(3, { list: true }) languages!: string[];
  @CodeField({ list: true }) accessibility!: string[];
}

export class ModuleView {
  @CodeField() module!: string;
  @Part(() => TitlesDto) titles!: TitlesDto;
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
