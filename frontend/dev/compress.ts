/** Writes .gz and .br beside every text file of the build: the server hands them out as they are. */
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import type { Plugin } from "vite";

const TEXT = /\.(js|css|html|svg|json)$/;
const SMALLEST = 1024;
// Levels that a build on two cores does in a second or two; the last percents would cost ten times as much.
const BROTLI_QUALITY = 6;
const GZIP_LEVEL = 7;

async function compressFile(path: string): Promise<void> {
  const content = await readFile(path);
  if (content.length < SMALLEST) return;
  const [zipped, brotli] = await Promise.all([
    promisify(gzip)(content, { level: GZIP_LEVEL }),
    promisify(brotliCompress)(content, { params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } }),
  ]);
  await Promise.all([writeFile(`${path}.gz`, zipped), writeFile(`${path}.br`, brotli)]);
}

export function compress(): Plugin {
  let folder = "dist";
  return {
    name: "penstock-compress",
    apply: "build",
    configResolved: (config) => void (folder = config.build.outDir),
    closeBundle: async () => {
      const names = await readdir(folder, { recursive: true });
      await Promise.all(names.filter((name) => TEXT.test(name)).map((name) => compressFile(join(folder, name))));
    },
  };
}
