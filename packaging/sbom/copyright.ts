import type { Module } from './modules.js';

/** What the package consists of, in the machine-readable form of Debian (copyright-format 1.0), with all texts. */
export function debianCopyright(program: Module, modules: readonly Module[], folder: string): string {
  const head = [
    'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/',
    `Upstream-Name: ${program.name}`,
    'Comment: made by the build from the modules that it ships; each stanza has the text',
    ' that came with the module.',
  ];
  const stanzas = modules.map((module) => stanza(module, `${folder}/${module.path}/*`));
  return `${[head.join('\n'), stanza(program, '*'), ...stanzas].join('\n\n')}\n`;
}

function stanza(module: Module, files: string): string {
  const { name, version, license, licenseTexts } = module;
  const holders = [...new Set(licenseTexts.flatMap(copyrightLines))];
  return [
    `Files: ${files}`,
    `Copyright: ${holders.length > 0 ? holders.join('\n ') : `the authors of ${name}`}`,
    `License: ${shortName(license)}`,
    ...licenseTexts.map(common).map(indent).join('\n .\n').split('\n'),
    `Comment: ${name} ${version}`,
  ].join('\n');
}

/** The lines that say who has the rights, without the word for it. A text of a licence has that word too, elsewhere. */
function copyrightLines(text: string): string[] {
  return text.split(/\r?\n/).flatMap((line) => {
    const [, holder] = /^\W*copyright\s+(?:\(c\)|©)?\s*((?:.*\d{4}|[A-Z]).*)$/i.exec(line) ?? [];
    return holder === undefined || /\b(notice|owner|license|holder)s?\b/i.test(holder) ? [] : [holder.trim()];
  });
}

/** An SPDX expression in the words of Debian: MIT is Expat there, and operators are written small. */
function shortName(license: string): string {
  return license
    .replace(/[()]/g, '')
    .replace(/\bMIT\b/g, 'Expat')
    .replace(/ (OR|AND) /g, (operator) => operator.toLowerCase());
}

/** Debian Policy 12.5: texts that every Debian system has are pointed to. */
function common(text: string): string {
  if (!/^\s*Apache License\s+Version 2\.0/.test(text)) return text;
  return 'On Debian systems the text of the Apache License 2.0 is in /usr/share/common-licenses/Apache-2.0.';
}

/** A field that goes on begins with a blank, and an empty line is a dot. */
function indent(text: string): string {
  return text
    .trim()
    .split(/\r?\n/)
    .map((line) => (line.trim() === '' ? ' .' : ` ${line.trimEnd()}`))
    .join('\n');
}
