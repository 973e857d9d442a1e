import { createHash } from 'node:crypto';

const style = `@page{margin:18mm}body{font:11pt/1.4 sans-serif;max-width:180mm;margin:0 auto;color:#000;background:#fff}h1{font-size:16pt;margin:0 0 2mm}
h2{font-size:12.5pt;margin:6mm 0 1mm;border-bottom:1px solid #000}p{margin:1mm 0}header,footer{font-size:9pt}header span{display:inline-block;min-width:55mm;border-bottom:1px solid #000;margin-right:4mm}
.q{break-inside:avoid;margin:3mm 0}.b{font-weight:bold}.w{font-style:italic}.i1{margin-left:6mm}.i2{margin-left:12mm}.i3{margin-left:18mm}ul{list-style:none;margin:1mm 0;padding:0}
li{margin:.8mm 0}hr{border:0;border-bottom:1px solid #000;height:7mm;max-width:120mm;margin:0}.s{font-size:8pt;color:#444}`;

/** The page runs nothing, loads nothing and sends nothing; its one style is known by its hash. */
export const printPolicy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;', '`': '&#96;' };
/** For text and attributes of HTML. */
export const escaped = (text: string): string => text.replace(/[&<>"'`]/g, (sign) => escapes[sign]!);

/** `title` and `body` are HTML already. */
export const printedPage = (language: 'en' | 'ru', title: string, body: string): string =>
  `<!doctype html><html lang="${language}"><head><meta charset="utf-8"><title>${title}</title><style>${style}</style></head><body>
${body}</body></html>
`;
