import { textsOf } from './language.js';
import type { Language } from './texts.js';

/** What the page must know before its first view. */
export interface PageSetup {
  readonly kind: 'panel' | 'kiosk';
  readonly language: Language;
  readonly version: string;
  /** Nothing is shown without the token. */
  readonly locked: boolean;
}

/** The HTML document. The rest is drawn by the script. */
export function documentOf({ kind, language, version, locked }: PageSetup): string {
  const texts = textsOf(language);
  // A block of data is not executed. No text can end it.
  const data = JSON.stringify({ kind, language, version, locked, texts }).replaceAll('<', '\\u003c');
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${texts.title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/panel.css">
<script type="application/json" id="setup">${data}</script>
<script src="/panel.js" defer></script>
</head>
<body class="${kind}">
<div id="page"><noscript><p>${texts.needsScript}</p></noscript></div>
</body>
</html>
`;
}
