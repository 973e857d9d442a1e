import type { Manifest } from '@opora/contracts';

const escaped = (text: string): string => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

/** The links are the page's data: without a script they are still a list of the descriptions. */
export const referencePage = (manifests: readonly Manifest[]): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Opora: API reference</title>
<link rel="icon" href="/reference/assets/favicon-32x32.png">
<link rel="stylesheet" href="/reference/assets/swagger-ui.css">
</head>
<body>
<nav aria-label="API descriptions">
${manifests.map(({ module, titles }) => `<a href="/openapi/${module}.json">${escaped(titles.en)}</a>`).join('\n')}
</nav>
<main id="reference"></main>
<script src="/reference/assets/swagger-ui-bundle.js"></script>
<script src="/reference/assets/swagger-ui-standalone-preset.js"></script>
<script src="/reference/start.js"></script>
</body>
</html>
`;

export const startScript = `const nav = document.querySelector('nav');
const urls = [...nav.querySelectorAll('a')].map((a) => ({ url: a.getAttribute('href'), name: a.textContent }));
nav.hidden = true;
window.ui = SwaggerUIBundle({
  dom_id: '#reference', urls, deepLinking: true, validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset], layout: 'StandaloneLayout',
});
`;
