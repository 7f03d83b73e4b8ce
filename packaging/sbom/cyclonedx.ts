import { createHash } from 'node:crypto';
import type { Module } from './modules.js';

/**
 * The bill of materials in CycloneDX 1.5 (https://cyclonedx.org/docs/1.5/json/). It depends only on the modules and the
 * time, so that the build is reproducible. "npm sbom" is not used: it writes a random serial number and the time of the
 * call. A test compares the modules with those that "npm sbom" names.
 */
export function cycloneDx(program: Module, modules: readonly Module[], time: Date): string {
  const used = usedPaths(modules);
  const references = new Map([program, ...modules].map((module) => [module.path, reference(module)]));
  const body = {
    metadata: {
      timestamp: time.toISOString(),
      lifecycles: [{ phase: 'build' }],
      component: { ...component(program, references, 'required'), type: 'application' },
    },
    components: modules.map((module) =>
      component(module, references, used.has(module.path) ? 'required' : 'excluded'),
    ),
    dependencies: [program, ...modules].map((module) => ({
      ref: references.get(module.path),
      dependsOn: module.dependencies.map((path) => references.get(path)).sort(),
    })),
  };
  const bom = {
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    serialNumber: `urn:uuid:${uuidOf(JSON.stringify(body))}`,
    version: 1,
    ...body,
  };
  return `${JSON.stringify(bom, null, 2)}\n`;
}

/** The one module outside of the bundles. */
const OUTSIDE = 'node_modules/unix-dgram';

/**
 * The modules of which something is used: those in the bundles, and the native addon with what it needs. The others are
 * dependencies whose code the bundles leave out. Without bundles all are used.
 */
function usedPaths(modules: readonly Module[]): ReadonlySet<string> {
  const byPath = new Map(modules.map((module) => [module.path, module]));
  const used = new Set(modules.filter(({ bundles }) => bundles.length > 0).map(({ path }) => path));
  if (used.size === 0) return new Set(byPath.keys());
  const add = (path: string): void => {
    if (used.has(path)) return;
    used.add(path);
    for (const dependency of byPath.get(path)?.dependencies ?? []) add(dependency);
  };
  add(OUTSIDE);
  return used;
}

function component(module: Module, references: ReadonlyMap<string, string>, scope: 'required' | 'excluded') {
  const { name, version, description, license, sha512 } = module;
  return {
    'bom-ref': references.get(module.path),
    type: 'library',
    name,
    version,
    scope,
    ...(description === null ? {} : { description }),
    purl: packageUrl(module),
    ...(sha512 === null ? {} : { hashes: [{ alg: 'SHA-512', content: sha512 }] }),
    // CycloneDX has different fields for an expression and for a single licence.
    licenses: [/[ ()]/.test(license) ? { expression: license } : { license: { id: license } }],
  };
}

/** A module that is installed in two places is two components. */
function reference({ path, name, version }: Module): string {
  return path.includes('/node_modules/') ? `${name}@${version}#${path}` : `${name}@${version}`;
}

/** https://github.com/package-url/purl-spec: the @ of a scope is escaped, its slash is not. */
function packageUrl({ name, version }: Module): string {
  return `pkg:npm/${name.replace(/^@/, '%40')}@${version}`;
}

/** A UUID of version 8 (RFC 9562), whose content is free: here a digest. */
function uuidOf(text: string): string {
  const digits = createHash('sha256').update(text).digest('hex');
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    `8${digits.slice(13, 16)}`,
    `a${digits.slice(17, 20)}`,
    digits.slice(20, 32),
  ].join('-');
}
