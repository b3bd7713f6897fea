/**
 * Stands in for rehype-raw in the build: HTML inside Markdown is shown as the text it is and never parsed. Safer than sanitising it, and it leaves an
 * HTML parser out of the page.
 */
interface Node {
  type: string;
  value?: string;
  children?: Node[];
}

export default function rawAsText() {
  return (tree: Node): void => show(tree);
}

function show(node: Node): void {
  if (node.type === 'raw') node.type = 'text';
  for (const child of node.children ?? []) show(child);
}
