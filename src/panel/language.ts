import { LANGUAGES, type Language, TEXTS, type Texts } from './texts.js';

export function textsOf(language: Language): Texts {
  // The keys are those of the table.
  return Object.fromEntries(Object.entries(TEXTS).map(([key, row]) => [key, row[language]])) as Texts;
}

/** The language that a browser prefers among ours, from its header Accept-Language; English if there is none. */
export function languageOf(accepted: string | undefined): Language {
  const wanted = (accepted ?? '')
    .slice(0, 1_000)
    .split(',')
    .map((part, place) => {
      const [tag = '', ...parameters] = part.trim().toLowerCase().split(';');
      const quality = parameters
        .map((one) => /^\s*q=([\d.]+)$/.exec(one)?.[1])
        .find((one) => one !== undefined);
      return { language: tag.trim().split('-')[0], quality: Number(quality ?? 1), place };
    });
  const usable = wanted.filter(({ quality }) => quality > 0);
  usable.sort((a, b) => b.quality - a.quality || a.place - b.place);
  for (const { language } of usable) {
    const known = LANGUAGES.find((one) => one === language);
    if (known !== undefined) return known;
  }
  return 'en';
}
