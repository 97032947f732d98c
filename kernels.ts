// Compiles src/core/kernels/assembly (AssemblyScript) into src/core/kernels/wasm.ts, which is committed: whoever does not
// change the kernels needs no compiler.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MEMORY_PAGES } from './src/core/kernels/memoryMap';

const kernels = join(__dirname, 'src/core/kernels');

/** The text of wasm.ts. */
export async function compile(): Promise<string> {
  // Published as an ES module alone.
  const { main } = await import('assemblyscript/asc');
  const folder = mkdtempSync(join(tmpdir(), 'quantscope-kernels-'));
  try {
    const binary = join(folder, 'kernels.wasm');
    const { error, stderr } = await main([
      join(kernels, 'assembly/index.ts'), '--outFile', binary, '-O3', '--runtime', 'stub', '--enable', 'simd', '--noAssert',
      '--initialMemory', String(MEMORY_PAGES),
    ]);
    if (error) throw new Error(stderr.toString());
    const lines = readFileSync(binary).toString('base64').match(/.{1,110}/g)!.map((line) => `  '${line}',`);
    return `/** WebAssembly of \`assembly/\` in base64. Made by \`npm run kernels\`. */\nexport const WASM = [\n${lines.join('\n')}\n].join('');\n`;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

if (process.argv[1] === __filename) void compile().then((text) => writeFileSync(join(kernels, 'wasm.ts'), text));
