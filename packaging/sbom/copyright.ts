import type { Module } from './modules.js';

/** The licences of all modules as plain text, for the npm package. */
export function plainLicenses(modules: readonly Module[]): string {
  const texts = modules.map(({ name, version, license, licenseTexts }) =>
    [`${name} ${version}: ${license}`, ...licenseTexts.map((text) => text.trim())].join('\n\n'),
  );
  return `${texts.join(`\n\n${'-'.repeat(72)}\n\n`)}\n`;
}

/**
 * The licences of the program and its modules in Debian's machine-readable format (copyright-format 1.0), with all texts.
 * Files are named as they are in the source tree after "npm ci".
 */
export function debianCopyright(program: Module, modules: readonly Module[]): string {
  const head = [
    'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/',
    `Upstream-Name: ${program.name}`,
    'Comment: made by the build from the modules that the package is made of; each stanza has the',
    ' text that came with the module.',
  ];
  const stanzas = modules.map((module) => stanza(module, `${module.path}/*`));
  return `${[head.join('\n'), stanza(program, '*'), ...stanzas].join('\n\n')}\n`;
}

function stanza(module: Module, files: string): string {
  const { name, version, license, licenseTexts, bundles } = module;
  const holders = [...new Set(licenseTexts.flatMap(copyrightLines))];
  return [
    `Files: ${files}`,
    `Copyright: ${holders.length > 0 ? holders.join('\n ') : `the authors of ${name}`}`,
    `License: ${shortName(license)}`,
    ...licenseTexts.map(common).map(indent).join('\n .\n').split('\n'),
    `Comment: ${[`${name} ${version}`, ...bundles].join(', ')}`,
  ].join('\n');
}

/** The copyright holders, without the word "copyright". Other lines of a licence contain that word too. */
function copyrightLines(text: string): string[] {
  return text.split(/\r?\n/).flatMap((line) => {
    const [, holder] = /^\W*copyright\s+(?:\(c\)|©)?\s*((?:.*\d{4}|[A-Z]).*)$/i.exec(line) ?? [];
    return holder === undefined || /\b(notice|owner|license|holder)s?\b/i.test(holder) ? [] : [holder.trim()];
  });
}

/** An SPDX expression in Debian's notation: MIT is called Expat, and operators are in lower case. */
function shortName(license: string): string {
  return license
    .replace(/[()]/g, '')
    .replace(/\bMIT\b/g, 'Expat')
    .replace(/ (OR|AND) /g, (operator) => operator.toLowerCase());
}

/** Debian Policy 12.5: a reference replaces texts that every Debian system has. */
function common(text: string): string {
  if (!/^\s*Apache License\s+Version 2\.0/.test(text)) return text;
  return 'On Debian systems the text of the Apache License 2.0 is in /usr/share/common-licenses/Apache-2.0.';
}

/** Continuation lines begin with a space, and an empty line is a dot. */
function indent(text: string): string {
  return text
    .trim()
    .split(/\r?\n/)
    .map((line) => (line.trim() === '' ? ' .' : ` ${line.trimEnd()}`))
    .join('\n');
}
