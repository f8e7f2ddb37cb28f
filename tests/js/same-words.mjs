/**
 * Compares scripts with their minified form, word by word as TypeScript reads them: `node same-words.mjs SOURCE MADE`.
 * Prints the first difference of each file; nothing when they are alike.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import ts from 'typescript';

const [, , source, made] = process.argv;

/** Every leaf of a script: its kind and its text. */
function words(path) {
  const file = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true, ts.ScriptKind.JS);
  const found = file.parseDiagnostics.map((fault) => `fault: ${fault.messageText}`);
  const visit = (node) => {
    const children = node.getChildren(file).filter((child) => child.kind < ts.SyntaxKind.FirstJSDocNode || child.kind > ts.SyntaxKind.LastJSDocNode);
    // A comma or semicolon at the end of a list or line is a matter of taste.
    if (children.length === 0 && node.getText(file) !== ';' && node.getText(file) !== '') found.push(`${ts.SyntaxKind[node.kind]} ${node.getText(file)}`);
    else children.forEach(visit);
  };
  visit(file);
  return found;
}

for (const name of readdirSync(source, { recursive: true }).filter((one) => one.endsWith('.js'))) {
  const [one, other] = [join(source, name), join(made, name)].map(words);
  const at = one.findIndex((word, place) => word !== other[place]);
  if (at >= 0 || one.length !== other.length) console.log(`${name}: ${one.slice(Math.max(0, at - 3), at + 1).join(' · ')} became ${other[at]}`);
}
