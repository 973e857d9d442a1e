import { Controller, Get, Res, StreamableFile } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiProduces, ApiTags } from '@nestjs/swagger';
import { Allow, recordsOf, type Actor } from '@opora/access';
import { Exported } from '@opora/contracts';
import { Clock } from '@opora/messaging';
import { By, Language, PersonalRecords, Reading } from '@opora/service';
import type { FastifyReply } from 'fastify';
import { Asking } from '../asking.js';
import { ModuleRegistry } from '../module-registry.js';
import { OnBehalf } from '../on-behalf.js';
import { archiveOf } from './archive.js';

const SELF = 'gateway';

/** A module may take longer than for a line of a plan, and answer more, but not without end. */
const BOUNDS = { timeoutMs: 20_000, maxBytes: 32 * 1024 * 1024 };

@ApiTags('me')
@Controller('v1/me/export')
export class MyExportController {
  constructor(
    private readonly asking: Asking, private readonly modules: ModuleRegistry, private readonly records: PersonalRecords, private readonly reading: Reading, private readonly clock: Clock,
  ) {}

  /** Everything that is held about the caller, from all modules: a ZIP archive of JSON files with a page that says what each is. */
  @Allow('person.export') @Get()
  @ApiHeader({ name: 'Accept-Language', required: false, description: 'en or ru: which language of the page comes first' })
  @ApiProduces('application/zip') @ApiOkResponse({ description: 'A ZIP archive', schema: { type: 'string', format: 'binary' } })
  async exportMe(@By() actor: Actor, @Language() language: 'en' | 'ru', @OnBehalf() onBehalf: OnBehalf, @Res({ passthrough: true }) reply: FastifyReply): Promise<StreamableFile> {
    const own = await this.reading.requireOwn(actor);
    const [known, { told, missing }] = await Promise.all([
      this.modules.known(), this.asking.everyModule('export', Exported, () => ({}), onBehalf, BOUNDS),
    ]);
    const here = { module: SELF, answer: await this.records.all(recordsOf(actor)) };
    const titled = (module: string) => ({ module, titles: known.get(module)?.titles ?? { en: module, ru: module } });
    const madeAt = this.clock.now();
    const archive = archiveOf({ madeAt, clientId: own, told: [...told, here].map(({ module, answer }) => ({ ...titled(module), exported: answer })), missing: missing.map(titled) }, language);
    reply.headers({ 'cache-control': 'no-store', 'content-language': language, 'x-content-type-options': 'nosniff' });
    return new StreamableFile(archive, { type: 'application/zip', disposition: `attachment; filename="opora-${madeAt.slice(0, 10)}.zip"`, length: archive.length });
  }
}
