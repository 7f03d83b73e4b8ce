// Prints the Debian changelog made from packaging/CHANGELOG.md. Usage: node changelog.mjs VERSION EPOCH < CHANGELOG.md
// VERSION must have a section of its own. A section marked "unreleased" gets the date EPOCH (seconds, as SOURCE_DATE_EPOCH).
import { readFileSync } from 'node:fs';

const [version = '', epoch = ''] = process.argv.slice(2);
const SECTION = /^## (\S+) \((unreleased|\d{4}-\d{2}-\d{2})\)\n([\s\S]*?)(?=^## |(?![\s\S]))/gm;
const sections = [...readFileSync(0, 'utf8').matchAll(SECTION)];

function fail(message) {
  console.error(`packaging/CHANGELOG.md: ${message}`);
  process.exit(1);
}

if (!/^\d+$/.test(epoch)) fail(`expected a date in seconds, found "${epoch}"`);
if (sections[0]?.[1] !== version) fail(`expected "## ${version} (…)" as the first section`);

/** `Sat, 28 Nov 2026 00:00:00 +0000`, as dpkg wants it. */
function debianDate(date) {
  return date.toUTCString().replace(/GMT$/, '+0000');
}

/** The lines of an item; Debian's have 80 characters at most. */
function wrap(text) {
  return (
    text
      .replace(/\s+/g, ' ')
      .match(/.{1,76}(?= |$)/g)
      ?.map((line) => line.trim()) ?? []
  );
}

for (const [, name, date, body] of sections) {
  // An item is a line that begins with "- ", and the indented lines after it.
  const items = [...body.matchAll(/^- (.*(?:\n {2}\S.*)*)/gm)].map(([, text]) => text.replaceAll('`', ''));
  if (items.length === 0) fail(`version ${name} has no changes`);
  const time = date === 'unreleased' ? new Date(Number(epoch) * 1000) : new Date(`${date}T00:00:00Z`);
  // Debian orders 1.0~rc1 before 1.0.
  console.log(`hostp2pd (${name.replace('-', '~')}) unstable; urgency=medium\n`);
  for (const item of items) console.log(`  * ${wrap(item).join('\n    ')}`);
  console.log(`\n -- the hostp2pd contributors <hostp2pd@packages.invalid>  ${debianDate(time)}\n`);
}
