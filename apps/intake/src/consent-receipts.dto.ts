import type { MyConsentsAnswer } from '@opora/contracts';
import { AtField, CodeField, Flag, IdField, Json, OneOf, Part, Text } from '@opora/service';

const ZONE = /^[A-Za-z_]{2,20}(\/[A-Za-z0-9_+-]{1,30}){0,2}$/;

export class ReceiptQuery {
  @Text(60, { optional: true, pattern: ZONE, description: 'The reader’s IANA time zone; UTC unless said', example: 'Europe/Moscow' }) zone?: string;
}

export class ReceiptView {
  @IdField() consentId!: string;
  @CodeField() status!: string;
  @OneOf(['en', 'ru']) language!: 'en' | 'ru';
  @Text(200) title!: string;
  @Text(12_000, { list: true, description: 'Plain sentences: who may see what, what for, until when, why, and how it stops' }) words!: string[];
  @Json({ description: 'What was agreed or decided, for machines' }) terms!: object;
  @Text(64, { description: 'SHA-256 of `terms` as JSON with sorted keys and without spaces: the same as long as none of it was changed' }) termsHash!: string;
  @Text(64, { optional: true, description: 'SHA-256 of the signed form or recording' }) documentHash?: string;
  @AtField() issuedAt!: string;
}

class MyConsentView {
  @IdField() consentId!: string;
  @CodeField() status!: string;
  @Flag({ description: 'Whether anything is shared because of it now' }) holds!: boolean;
  @Text(200) title!: string;
  @Text(12_000, { list: true }) words!: string[];
  @AtField() from!: string;
  @AtField({ optional: true }) until?: string;
  @Text(200, { description: 'Path of the receipt' }) receipt!: string;
}

export class MyConsentsView implements MyConsentsAnswer {
  @Part(() => MyConsentView, { list: true }) items!: MyConsentView[];
}
